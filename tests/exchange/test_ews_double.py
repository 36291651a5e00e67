"""The double of Exchange Web Services: each operation, through exchangelib as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email import message_from_bytes
from pathlib import Path
from typing import Any

import exchangelib
import pytest
from exchangelib import errors as ews
from exchangelib.properties import EWS_ID, HEX_ENTRY_ID, AlternateId
from exchangelib.protocol import CachingProtocol
from exchangelib.services import ConvertId
from exchangelib.settings import OofSettings
from exchangelib.version import Build, Version

from reconciler.mime import compose
from tests.lab.ews import EwsServer
from tests.lab.ews_mailbox import Mailbox
from tests.lab.samba.domain import ADDRESSES
from tests.letters import MOMENT, SECRET, SENDER, issue, letter

MESA = "mesa.ayuda@sinaloa.gob.mx"
PEOPLE = {
    "laura.beltran@sinaloa.gob.mx": "Laura Beltrán Ochoa",
    "laura.rios@sinaloa.gob.mx": "Laura Ríos & Gil",
    "pedro.saenz@sinaloa.gob.mx": "Pedro Sáenz",
}


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("ews"))


@pytest.fixture(name="server")
def _server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EwsServer]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "servidor" / "ca.pem"))
    with EwsServer(folder / "servidor", "mesa.ayuda", SECRET, mailbox=Mailbox(MESA, PEOPLE)) as server:
        yield server
        CachingProtocol.clear_cache()


def account(server: EwsServer, address: str = MESA, **more: Any) -> Any:
    """Return an account that says what server and authentication it has, unless it is to find out."""
    known = {"auth_type": exchangelib.BASIC, "version": Version(Build(15, 2))}
    config = exchangelib.Configuration(
        service_endpoint=f"https://{ADDRESSES[0]}:{server.port}/EWS/Exchange.asmx",
        credentials=exchangelib.Credentials("mesa.ayuda", SECRET),
        **known | more,
    )
    return exchangelib.Account(
        address, config=config, access_type=exchangelib.DELEGATE, autodiscover=False, default_timezone=UTC
    )


def test_who_says_nothing_of_the_server_finds_out(server: EwsServer) -> None:
    mesa = account(server, auth_type=None, version=None)
    assert mesa.protocol.auth_type == exchangelib.BASIC
    assert mesa.version.build == Build(15, 2, 1118, 7)
    assert server.operations == ["ConvertId"]
    assert 'Id="DUMMY"' in server.requests[0]


def test_who_says_it_asks_nothing_before_the_first_operation(server: EwsServer) -> None:
    mesa = account(server)
    assert mesa.version.build == Build(15, 2)
    assert server.operations == []


def test_an_id_is_converted_and_what_is_none_is_not(server: EwsServer) -> None:
    mesa = account(server)
    draft = saved(mesa)
    assert [one.format for one in converted(mesa, draft.id)] == [HEX_ENTRY_ID]
    [answer] = converted(mesa, "x")
    assert isinstance(answer, ews.ErrorInvalidIdMalformed)


def converted(mesa: Any, name: str) -> list[Any]:
    asked = [AlternateId(id=name, format=EWS_ID, mailbox=MESA)]
    return list(ConvertId(protocol=mesa.protocol).call(asked, HEX_ENTRY_ID))


def saved(mesa: Any) -> Any:
    """Return a draft in the mailbox."""
    draft = exchangelib.Message(
        account=mesa,
        folder=mesa.drafts,
        mime_content=compose(letter(), SENDER, MOMENT),
        to_recipients=[exchangelib.Mailbox(email_address=next(iter(PEOPLE)))],
    )
    return draft.save()


def test_a_file_goes_into_a_draft_that_is_there_and_gives_it_another_key(server: EwsServer) -> None:
    mesa = account(server)
    draft = saved(mesa)
    before = draft.changekey
    draft.attach(exchangelib.FileAttachment(name="hoja.age", content=b"\x00sellada"))
    assert server.operations[-1] == "CreateAttachment"
    assert server.items[0].attachments == {"hoja.age": b"\x00sellada"}
    assert draft.changekey != before
    draft.send()
    [sent] = server.sent
    assert message_from_bytes(sent.mime)["X-Cuentas-Marca"] == letter().mark


def test_what_was_seen_before_a_file_came_in_is_not_sent(server: EwsServer) -> None:
    mesa = account(server)
    draft, seen = saved(mesa), server.items[0]
    seen.change += 1
    with pytest.raises(ews.ErrorStaleObject):
        draft.send()
    assert server.sent == []


def test_a_name_is_resolved_to_one_to_several_or_to_none(server: EwsServer) -> None:
    protocol = account(server).protocol
    [pedro] = protocol.resolve_names(["pedro"])
    assert (pedro.email_address, pedro.name) == ("pedro.saenz@sinaloa.gob.mx", "Pedro Sáenz")
    assert [one.name for one in protocol.resolve_names(["Laura"])] == ["Laura Beltrán Ochoa", "Laura Ríos & Gil"]
    [nobody] = protocol.resolve_names(["nadie"])
    assert isinstance(nobody, ews.ErrorNameResolutionNoResults)


def test_automatic_replies_are_read_back_as_they_were_set(server: EwsServer) -> None:
    mesa = account(server)
    assert mesa.oof_settings.state == OofSettings.DISABLED
    words = "Ya no está en funciones.\nEscriba a <contabilidad@sinaloa.gob.mx> & gracias."
    wanted = OofSettings(
        state=OofSettings.ENABLED, external_audience="Known", internal_reply=words, external_reply="Fuera"
    )
    mesa.oof_settings = wanted
    assert mesa.oof_settings == wanted
    assert server.operations == ["GetUserOofSettings", "SetUserOofSettings", "GetUserOofSettings"]


def test_somebody_elses_automatic_replies_are_not_shown(server: EwsServer) -> None:
    with pytest.raises(ews.ErrorAccessDenied):
        _ = account(server, "pedro.saenz@sinaloa.gob.mx").oof_settings


def test_what_it_does_not_do_it_says(server: EwsServer) -> None:
    with pytest.raises(ews.ErrorInvalidOperation):
        list(account(server).protocol.get_roomlists())
