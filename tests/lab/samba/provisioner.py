"""Creates the lab's domain offline; run by the system's Python, to which Debian's samba modules belong.

Reads one JSON object from standard input, so that no password is ever on a command line.
"""

import json
import logging
import sys
from typing import Any

import exchange_schema  # type: ignore[import-not-found]
import ldb  # type: ignore[import-not-found]
import samba.dckeytab  # type: ignore[import-not-found]  # noqa: F401 - gives Net its export_keytab
from samba.auth import system_session  # type: ignore[import-not-found]
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2, UF_ACCOUNTDISABLE, UF_NORMAL_ACCOUNT  # type: ignore[import-not-found]
from samba.net import Net  # type: ignore[import-not-found]
from samba.param import LoadParm  # type: ignore[import-not-found]
from samba.provision import provision  # type: ignore[import-not-found]
from samba.samdb import SamDB  # type: ignore[import-not-found]
from samba.sd_utils import SDUtils  # type: ignore[import-not-found]

DATABASE_BYTES = 8 * 1024**3  # the most that one partition may grow to; nothing is allocated beforehand
USER_CLASS = "bf967aba-0de6-11d0-a285-00aa003049e2"
OU_CLASS = "bf967aa5-0de6-11d0-a285-00aa003049e2"
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"  # noqa: S105 - the GUID of an extended right


def main() -> None:
    """Provision, populate and delegate, each step building on the one before."""
    order = json.load(sys.stdin)
    parameters = LoadParm()
    parameters.load(order["smb_conf"])
    parameters.set("dsdb:schema update allowed", "true")
    _provision(order, parameters)
    exchange_schema.load(lambda: _open(parameters), order["exchange"]["attributes"])
    _hide_units_from(_create_blind_account(_open(parameters), order), parameters)
    directory = _open(parameters)
    _name_services(directory, order)
    _create_service_account(directory, order)
    _create_units(directory, order)
    _create_exchange(directory, order)
    _export_keytab(order, parameters)


def _provision(order: dict[str, Any], parameters: Any) -> None:
    logger = logging.getLogger("provision")
    logger.addHandler(logging.StreamHandler())
    provision(
        logger,
        system_session(),
        smbconf=order["smb_conf"],
        lp=parameters,
        realm=order["realm"],
        domain=order["netbios_domain"],
        hostname=order["netbios_host"],
        hostip=order["address"],
        adminpass=order["passwords"][order["administrator"]],
        serverrole="active directory domain controller",
        dns_backend="NONE",
        dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
        skip_sysvolacl=True,
        backend_store="mdb",
        backend_store_size=DATABASE_BYTES,
    )


def _open(parameters: Any) -> Any:
    return SamDB(url=parameters.private_path("sam.ldb"), session_info=system_session(), lp=parameters)


def _create_blind_account(directory: Any, order: dict[str, Any]) -> str:
    """Return the security identifier of an account that may bind and, later, sees no user in any OU."""
    return _create_principal(directory, order, order["blind_account"])


def _create_principal(directory: Any, order: dict[str, Any], name: str) -> str:
    directory.newuser(name, order["passwords"][name])
    directory.setexpiry(f"(sAMAccountName={name})", 0, no_expiry_req=True)
    [entry] = directory.search(expression=f"(sAMAccountName={name})", attrs=["objectSid"])
    return str(directory.schema_format_value("objectSid", entry["objectSid"][0]), "ascii")


def _hide_units_from(sid: str, parameters: Any) -> None:
    """Deny listing on every OU made from now on, by the class's default descriptor.

    A denial inherited from above would not do: the rights that every OU grants by itself precede it.
    """
    directory = _open(parameters)
    dn = f"CN=Organizational-Unit,{directory.get_schema_basedn()}"
    [entry] = directory.search(dn, scope=ldb.SCOPE_BASE, attrs=["defaultSecurityDescriptor"])
    descriptor = str(entry["defaultSecurityDescriptor"][0])
    change = ldb.Message(ldb.Dn(directory, dn))
    change["defaultSecurityDescriptor"] = ldb.MessageElement(
        descriptor.replace("D:", f"D:(D;;LC;;;{sid})", 1), ldb.FLAG_MOD_REPLACE, "defaultSecurityDescriptor"
    )
    directory.modify(change)
    directory.set_schema_update_now()


def _name_services(directory: Any, order: dict[str, Any]) -> None:
    """Give the controller the LDAP service names that Kerberos clients ask for.

    A running domain controller would add them by its dnsupdate service, which the lab does without.
    """
    host, domain = order["host_name"], order["realm"].lower()
    names = [f"ldap/{host}", f"ldap/{order['netbios_host']}", f"ldap/{host}/{domain}"]
    dn = f"CN={order['netbios_host']},OU=Domain Controllers,{directory.domain_dn()}"
    change = ldb.Message(ldb.Dn(directory, dn))
    change["servicePrincipalName"] = ldb.MessageElement(names, ldb.FLAG_MOD_ADD, "servicePrincipalName")
    directory.modify(change, ["permissive_modify:0"])


def _create_service_account(directory: Any, order: dict[str, Any]) -> None:
    """Create the managed OU and delegate it, and nothing else, to the service account.

    Moving a user needs the right to delete it where it is (DELETE, SD), as in every Active Directory.
    """
    sid = _create_principal(directory, order, order["service_account"])
    directory.create_ou(order["managed_base"])
    SDUtils(directory).dacl_add_ace(
        order["managed_base"],
        f"(OA;CI;CC;{USER_CLASS};;{sid})"
        f"(OA;CI;CC;{OU_CLASS};;{sid})"
        f"(OA;CIIO;RPWPSD;;{USER_CLASS};{sid})"
        f"(OA;CIIO;CR;{RESET_PASSWORD};{USER_CLASS};{sid})",
    )


def _create_units(directory: Any, order: dict[str, Any]) -> None:
    directory.create_ou(order["foreign_base"])
    _create_user(directory, order, order["canary"], order["managed_base"])
    for name in order["foreign_users"]:
        _create_user(directory, order, name, order["foreign_base"])
        directory.setpassword(f"(sAMAccountName={name})", order["passwords"][name])


def _create_user(directory: Any, order: dict[str, Any], name: str, parent: str) -> None:
    """Create a disabled user without a password; setting one with samba's setpassword enables it."""
    directory.add(
        {
            "dn": f"CN={name},{parent}",
            "objectClass": "user",
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@{order['realm'].lower()}",
            "userAccountControl": str(UF_NORMAL_ACCOUNT | UF_ACCOUNTDISABLE),
        }
    )


def _create_exchange(directory: Any, order: dict[str, Any]) -> None:
    """Create what Exchange's setup leaves: its objects in Configuration, and an account that writes to all users.

    The real one is the group Exchange Trusted Subsystem, with many more rights; the service names are the
    server's own there, too, unless a load balancer's account holds them.
    """
    exchange = order["exchange"]
    for dn in (f"CN={exchange['host']},CN=Servers,{exchange['group']}", *exchange["databases"]):
        _create_containers(directory, ldb.Dn(directory, dn))
    sid = _create_principal(directory, order, exchange["account"])
    change = ldb.Message(ldb.Dn(directory, f"CN={exchange['account']},CN=Users,{directory.domain_dn()}"))
    change["spn"] = ldb.MessageElement(exchange["services"], ldb.FLAG_MOD_REPLACE, "servicePrincipalName")
    directory.modify(change)
    rights = SDUtils(directory)
    rights.dacl_add_ace(directory.domain_dn(), f"(OA;CIIO;RPWP;;{USER_CLASS};{sid})")
    rights.dacl_add_ace(f"CN=Microsoft Exchange,CN=Services,{directory.get_config_basedn()}", f"(A;CI;GA;;;{sid})")


def _create_containers(directory: Any, dn: Any) -> None:
    """Create the container and those that it needs above it; real ones have Exchange's own classes."""
    try:
        directory.search(dn, scope=ldb.SCOPE_BASE, attrs=["cn"])
    except ldb.LdbError:
        _create_containers(directory, dn.parent())
        directory.add({"dn": str(dn), "objectClass": "container"})


def _export_keytab(order: dict[str, Any], parameters: Any) -> None:
    """Write the service account's keys for Kerberos, with which a scheduled run logs on, and Exchange's own."""
    net = Net(None, parameters)
    net.export_keytab(keytab=order["keytab"], principal=order["service_account"])
    for service in order["exchange"]["services"]:
        net.export_keytab(keytab=order["exchange"]["keytab"], principal=service)


if __name__ == "__main__":
    main()
