"""Error records as Exchange writes them: exception type, category, and a qualified id that names the failure.

Known from printed errors of real servers: the texts below, the shape of the qualified id, the categories. Assumed:
HResult, the type names' namespaces, and that FailureCategory is there in every language.
"""

import datetime as dt
import hashlib
import re
import uuid
from dataclasses import dataclass, replace
from typing import Any

from psrpcore.types import ErrorCategory, ErrorCategoryInfo, ErrorRecord, NETException, PSNoteProperty, PSObject

SERVER = "EX1"
HRESULT = -2146233087
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAMESPACES = {
    "CommandNotFoundException": "System.Management.Automation",
    "HostException": "System.Management.Automation.Host",
    "ParameterBindingException": "System.Management.Automation",
    "ParameterBindingArgumentTransformationException": "System.Management.Automation",
    "PSNotSupportedException": "System.Management.Automation",
    "ManagementObjectNotFoundException": "Microsoft.Exchange.Configuration.Tasks",
    "ManagementObjectAmbiguousException": "Microsoft.Exchange.Configuration.Tasks",
    "RecipientTaskException": "Microsoft.Exchange.Configuration.Tasks",
    "ProxyAddressExistsException": "Microsoft.Exchange.Data.Directory",
    "DataValidationException": "Microsoft.Exchange.Data",
    "ADOperationException": "Microsoft.Exchange.Data.Directory",
}


@dataclass
class ExchangeError(Exception):
    """What a cmdlet fails with; `category` is the .NET ErrorCategory's name, `terminating` ends the pipeline.

    Without `categorised`, the qualified id does not name the failure, and only the exception's type tells.
    """

    exception: str
    text: str
    category: str = "InvalidArgument"
    terminating: bool = False
    target: str = ""
    categorised: bool = True


def not_found(identity: str, controller: str) -> ExchangeError:
    text = f"The operation couldn't be performed because object '{identity}' couldn't be found on '{controller}'."
    return ExchangeError("ManagementObjectNotFoundException", text, "NotSpecified", target=identity)


def ambiguous(identity: str) -> ExchangeError:
    text = (
        f'The operation couldn\'t be performed because "{identity}" matches multiple entries. '
        "Please specify a unique value."
    )
    return ExchangeError("ManagementObjectAmbiguousException", text, "InvalidData", target=identity)


def wrong_type(canonical: str, kind: str) -> ExchangeError:
    text = (
        f"This task does not support recipients of this type. The specified recipient {canonical} is of type {kind}. "
        "Please make sure that this recipient matches the required recipient type for this task."
    )
    return ExchangeError("RecipientTaskException", text, target=canonical)


def address_taken(address: str, holder: str) -> ExchangeError:
    text = (
        f'The proxy address "{address}" is already being used by the proxy addresses or LegacyExchangeDN of '
        f'"{holder}". Please choose another proxy address.'
    )
    return ExchangeError("ProxyAddressExistsException", text, target=address)


def binding(text: str) -> ExchangeError:
    return ExchangeError("ParameterBindingException", text, terminating=True)


def unknown_cmdlet(name: str) -> ExchangeError:
    text = (
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
    )
    return ExchangeError("CommandNotFoundException", text, "ObjectNotFound", terminating=True, target=name)


def no_such_command(name: str) -> ExchangeError:
    """Say what Get-Command says, which ends no pipeline."""
    error = unknown_cmdlet(name)
    error.terminating = False
    return error


def unanswered(cmdlet: str) -> ExchangeError:
    text = f"{cmdlet}: a command that prompts the user failed because nobody answered."
    return ExchangeError("HostException", text, "NotImplemented", terminating=True)


def translated(error: ExchangeError, text: str) -> ExchangeError:
    """Say the same in another language: only the text changes."""
    return replace(error, text=text)


def no_language() -> ExchangeError:
    text = "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."
    return ExchangeError("PSNotSupportedException", text, "InvalidOperation", terminating=True)


def record(error: ExchangeError, cmdlet: str) -> ErrorRecord:
    """Build the record; `[FailureCategory=Cmdlet-...]` is in the qualified id of what Exchange itself throws."""
    exception = NETException(Message=error.text, HResult=HRESULT)
    namespace = _NAMESPACES.get(error.exception, "Microsoft.Exchange.Management.Tasks")
    exception.PSObject.type_names = [f"{namespace}.{error.exception}", "System.Exception", "System.Object"]
    information = ErrorCategoryInfo(
        Category=getattr(ErrorCategory, error.category),
        Activity=cmdlet,
        Reason=error.exception,
        TargetName=error.target,
        TargetType="ADObjectId" if error.target else "",
    )
    made = ErrorRecord(
        Exception=exception,
        CategoryInfo=information,
        TargetObject=error.target or None,
        FullyQualifiedErrorId=_qualified_id(error, cmdlet, namespace),
    )
    made.PSObject.to_string = _escaped(error.text)
    return made


def _qualified_id(error: ExchangeError, cmdlet: str, namespace: str) -> str:
    if namespace.startswith("System.") or not error.categorised:
        return error.exception
    now = dt.datetime.now(dt.UTC).strftime("%m/%d/%Y %I:%M:%S %p")
    number = hashlib.sha256(f"{error.exception}{cmdlet}".encode()).hexdigest()[:8].upper()
    task = f"Microsoft.Exchange.Management.RecipientTasks.{cmdlet.replace('-', '')}"
    return (
        f"[Server={SERVER},RequestId={uuid.uuid4()},TimeStamp={now}] "
        f"[FailureCategory=Cmdlet-{error.exception}] {number},{task}"
    )


def thing(kind: str, properties: dict[str, Any], text: str = "") -> PSObject:
    """Build an object of Exchange's as the client gets it: real properties are adapted ones."""
    result = PSObject()
    result.PSObject.type_names = [f"Microsoft.Exchange.Data.Directory.Management.{kind}", "System.Object"]
    result.PSObject.to_string = _escaped(text or str(properties.get("Name", kind)))
    for name, value in properties.items():
        result.PSObject.adapted_properties.append(PSNoteProperty(name, value))
    return result


def _escaped(text: str) -> str:
    """Write control characters as PowerShell does: psrpcore does it everywhere but in an object's ToString."""
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
