"""Letters: what they say, in text and in HTML, and every way in which a template can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Config
from reconciler.errors import DeclarationError
from reconciler.letter import Message
from reconciler.letters import Carta, Letters, example, of_account, recipient
from reconciler.letters.blocks import as_html, as_text, blocks
from reconciler.letters.values import OPTIONAL
from reconciler.model import Dependencia, Enlace, Oficio, Siglas, Tipo, TreeFile
from tests.build import ALTA, BAJA, TODAY, declared

CONFIG = Config.model_validate(
    {
        "dominios": ["sinaloa.gob.mx"],
        "correo_web": "https://correo.sinaloa.gob.mx/owa",
        "mesa_de_ayuda": {"telefono": "667 758 7000"},
    }
)
OFICIO = Oficio(number=ALTA, dated=date(2026, 3, 20), received=date(2026, 3, 23), medium="oficio", enlace="laura")
SAF = Dependencia(
    siglas=Siglas("SAF"),
    name="Secretaría de Administración y Finanzas",
    domain="sinaloa.gob.mx",
    enlaces={
        "laura": Enlace(key="laura", name="Laura Beltrán", email="laura.beltran@sinaloa.gob.mx"),
        "pedro": Enlace(key="pedro", name="Pedro Sáenz", email="pedro.saenz@sinaloa.gob.mx"),
    },
    oficios={ALTA: OFICIO, BAJA: replace(OFICIO, number=BAJA, enlace="pedro")},
)
SOUND = "Asunto: Hola\n\nBuenos días.\n"


def template(name: str, text: str | bytes) -> TreeFile:
    data = text.encode() if isinstance(text, str) else text
    return TreeFile(f"plantillas/{name}", "100644", len(data), data)


def letters(*files: TreeFile, config: Config = CONFIG) -> Letters:
    return Letters("plantillas", files, config)


def said(*files: TreeFile) -> list[tuple[str, int, str]]:
    with pytest.raises(DeclarationError) as raised:
        letters(*files)
    assert all(one.remedy and one.blocks for one in raised.value.problems)
    return [(one.file.removeprefix("plantillas/"), one.line, one.code) for one in raised.value.problems]


def written(carta: Carta, *files: TreeFile, config: Config = CONFIG, **entry: Any) -> Message:
    values = of_account(carta, declared(**entry), SAF, config, TODAY)
    return letters(*files, config=config).write(carta, values, mark="a/1", to="laura.beltran@sinaloa.gob.mx")


def flat(message: Message) -> str:
    return " ".join(message.text.split())


class Page(HTMLParser):
    """What a reader's mail program sees: words, links, and the balance of tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.links, self.open, self.seen = "", list[str](), list[str](), set[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_an_alta_says_account_oficio_where_to_log_on_and_never_a_password() -> None:
    message = written(Carta.ALTA, area="Dirección de Egresos")
    assert message.subject == f"Alta de la cuenta juan.perez@sinaloa.gob.mx, oficio {ALTA}"
    words = flat(message)
    for expected in (
        "C. Laura Beltrán, enlace de SAF:",
        f"oficio {ALTA}, de fecha 20 de marzo de 2026 y recibido por el Centro de Servicio el 23 de marzo de 2026",
        "en servicio desde el 24 de noviembre de 2026",
        "Área: Dirección de Egresos",
        "Abra https://correo.sinaloa.gob.mx/owa",
        "Agregar cuenta",
        "se entrega aparte, de manera confidencial",
        "Teléfono: 667 758 7000",
    ):
        assert expected in words


@pytest.mark.parametrize("carta", [Carta.ALTA, Carta.REINCORPORACION])
def test_who_is_told_of_an_alta_learns_the_web_address_and_outlooks_guide(carta: Carta) -> None:
    words = flat(written(carta))
    assert "https://correo.sinaloa.gob.mx/owa" in words
    assert CONFIG.documentos.guia_outlook in words


def test_what_is_not_known_leaves_no_trace() -> None:
    bare = Config(dominios=("sinaloa.gob.mx",))
    words = written(Carta.ALTA, config=bare, title=None).text
    assert not [one for one in ("Área", "Puesto", "Teléfono", "https://", "None", "{") if one in words]


def test_nobody_is_told_to_log_on_to_a_shared_account() -> None:
    words = flat(written(Carta.ALTA, tipo=Tipo.COMPARTIDA, responsable="ana.ruiz"))
    assert "Responsable: ana.ruiz" in words
    assert "contraseña inicial" not in words


def test_a_baja_goes_to_who_asked_for_it_and_says_until_when_the_mailbox_stays() -> None:
    gone = declared(baja=BAJA)
    assert recipient(Carta.BAJA, gone, SAF) == "pedro.saenz@sinaloa.gob.mx"
    assert recipient(Carta.ALTA, gone, SAF) == "laura.beltran@sinaloa.gob.mx"
    words = flat(written(Carta.BAJA, baja=BAJA))
    assert f"En atención al oficio {BAJA}" in words
    assert "se conserva hasta el 22 de febrero de 2027" in words
    assert "ya no se entregan" in words


def test_a_legal_hold_that_outlasts_the_retention_is_what_counts() -> None:
    held = flat(written(Carta.BAJA, baja=BAJA, hold_until=date(2028, 2, 29)))
    assert "Por disposición legal, el contenido del buzón se conserva hasta el 29 de febrero de 2028" in held
    short = flat(written(Carta.BAJA, baja=BAJA, hold_until=date(2026, 12, 1)))
    assert "se conserva hasta el 22 de febrero de 2027" in short
    assert "legal" not in short


def test_a_baja_with_an_automatic_answer_says_so() -> None:
    config = Config.model_validate(
        {"dominios": ["sinaloa.gob.mx"], "baja": {"respuesta_automatica": "Ya no trabaja aquí."}}
    )
    assert "respuesta automática" in flat(written(Carta.BAJA, baja=BAJA, config=config))


def test_a_reincorporation_says_that_the_old_password_is_no_good() -> None:
    assert "La contraseña anterior ya no sirve." in flat(written(Carta.REINCORPORACION))


@pytest.mark.parametrize("carta", Carta)
def test_html_says_what_the_text_says_and_fetches_nothing(carta: Carta) -> None:
    values = example(carta, CONFIG, TODAY)
    message = letters().write(carta, values, mark="a/1", to="laura.beltran@sinaloa.gob.mx")
    page = Page(message.html)
    assert page.open == []
    assert not page.seen & {"img", "script", "link", "iframe", "form"}
    assert all(one.startswith(("https://correo.sinaloa.gob.mx/", "mailto:")) for one in page.links)
    for sentence in message.text.split("\n\n"):
        if not sentence.startswith(("-", "1.", "  ")) and "---" not in sentence:
            assert " ".join(sentence.split()) in " ".join(page.words.split())
    assert max(len(line) for line in message.text.splitlines()) <= 72


def test_values_are_text_in_html_whatever_they_hold() -> None:
    html = written(Carta.ALTA, display_name='<b>"Juan" & Ana</b> {{ mesa.correo }}').html
    assert "&lt;b&gt;&#34;Juan&#34; &amp; Ana&lt;/b&gt; {{ mesa.correo }}" in html
    assert "<b>" not in html


@given(name=st.text(max_size=60), title=st.text(max_size=60))
def test_no_value_makes_a_subject_of_two_lines_or_markup_of_its_own(name: str, title: str) -> None:
    message = written(Carta.ALTA, display_name=name, title=title)
    assert Page(message.html).open == []
    assert Page(message.html).seen == Page(written(Carta.ALTA).html).seen


def test_a_repository_says_it_its_own_way_and_keeps_the_rest() -> None:
    own = template("alta.txt", "Asunto: {{ cuenta.usuario|upper }}\r\n\r\n# Listo\r\n- Uno\r\n- Dos\r\n")
    message = written(Carta.ALTA, own)
    assert message.subject == "JUAN.PEREZ"
    assert message.text.startswith("Listo\n-----\n\n- Uno\n- Dos\n\nAtentamente,")
    assert "<li" in message.html
    assert written(Carta.BAJA, own, baja=BAJA) == written(Carta.BAJA, baja=BAJA)
    framed = written(Carta.ALTA, template("marco.html", "<html>{{ cuerpo }}{{ asunto }}</html>"))
    assert framed.html.startswith("<html><p")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("alta.txt", "Asunto: x\n\n{{ cuenta.direcion }}\n", [("alta.txt", 3, "valor-desconocido")]),
        ("alta.txt", "Asunto: x\n\n{{ cuenta }}\n", [("alta.txt", 3, "valor-desconocido")]),
        ("alta.txt", "Asunto: x\n\n{{ buzon.hasta }}\n", [("alta.txt", 3, "valor-desconocido")]),
        ("alta.txt", "Asunto: {{ nada }}\n\nx\n", [("alta.txt", 1, "valor-desconocido")]),
        (
            "baja.txt",
            "Asunto: x\n\n{% if cuenta.area %}\n{{ a }}\n{% else %}\n{{ b }}\n{% endif %}\n",
            [("baja.txt", 4, "valor-desconocido"), ("baja.txt", 6, "valor-desconocido")],
        ),
        ("alta.txt", "Asunto: x\n\nHola\n{{ cuenta.nombre }\n", [("alta.txt", 4, "plantilla-rota")]),
        ("alta.txt", "Asunto: x\n\n{% if cuenta.area %}\n", [("alta.txt", 3, "plantilla-rota")]),
        ("alta.txt", "Hola\n", [("alta.txt", 1, "plantilla-sin-asunto")]),
        ("alta.txt", "Asunto:\n\nHola\n", [("alta.txt", 1, "plantilla-sin-asunto")]),
        ("alta.txt", "Asunto: x\nHola\n", [("alta.txt", 1, "plantilla-sin-asunto")]),
        ("alta.txt", "Asunto: x\n\n", [("alta.txt", 1, "plantilla-sin-texto")]),
        ("alta.txt", b"Asunto: \xff\n\nx\n", [("alta.txt", 0, "plantilla-ilegible")]),
        ("altas.txt", SOUND, [("altas.txt", 0, "plantilla-ajena")]),
        ("vieja/alta.txt", SOUND, [("vieja/alta.txt", 0, "plantilla-ajena")]),
        ("marco.html", "<p>{{ asunto }}</p>", [("marco.html", 0, "plantilla-sin-cuerpo")]),
        ("marco.html", "<p>{{ cuerpo }}</p>{{ cuenta.nombre }}", [("marco.html", 1, "valor-desconocido")]),
        ("pie.txt", "{{ oficio.numero }}", [("pie.txt", 1, "valor-desconocido")]),
        ("alta.txt", "Asunto: x\n\nHola\n{{ " + "1" * 5000 + " }}\n", [("alta.txt", 4, "plantilla-prohibida")]),
        ("alta.txt", "Asunto: x\n\n{{ 1.5 }}\n", [("alta.txt", 3, "plantilla-prohibida")]),
        ("marco.html", "{{ cuerpo }}\n{{ " + "1" * 5000 + " }}", [("marco.html", 2, "plantilla-prohibida")]),
        ("alta.txt", 'Asunto: x\n\n{{ "\\ud800" }}\n', [("alta.txt", 3, "plantilla-prohibida")]),
        ("alta.txt", 'Asunto: x\n\n{{ "\\x1b[31m" }}\n', [("alta.txt", 3, "plantilla-prohibida")]),
        ("alta.txt", "Asunto: {% if cuenta.area %}y{% endif %}\n\nx\n", [("alta.txt", 1, "plantilla-sin-asunto")]),
        (
            "alta.txt",
            "Asunto: {% if not cuenta.area %}y{% endif %}\n\nx\n",
            [("alta.txt", 1, "plantilla-sin-asunto")],
        ),
        ("baja.txt", "Asunto: {% if buzon.responde %}y{% endif %}\n\nx\n", [("baja.txt", 1, "plantilla-sin-asunto")]),
        ("prueba.txt", "Asunto: x\u2028\x07y\n\nx\n", [("prueba.txt", 1, "plantilla-sin-asunto")]),
        ("alta.txt", "Asunto: x\n\n{% if cuenta.area %}x{% endif %}\n", [("alta.txt", 3, "plantilla-sin-texto")]),
        ("alta.txt", "Asunto: x\n\n" + "{{ (" * 9000, [("alta.txt", 0, "plantilla-rota")]),
    ],
)
def test_every_fault_has_its_line(name: str, text: str, expected: list[tuple[str, int, str]]) -> None:
    assert said(template(name, text)) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "{% for a in 'xy' %}{% endfor %}",
        "{% set a = 1 %}",
        "{% include 'marco.html' %}",
        "{% import 'alta.txt' as a %}",
        "{% macro m() %}{% endmacro %}",
        "{{ 'x' * 9999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ '{:9999999999}'.format(1) }}",
        "{{ cuenta.__class__.__mro__ }}",
        "{{ cuenta['direccion'] }}",
        "{{ cuenta.nombre|center(9999999999) }}",
        "{{ cuenta.nombre|attr('__class__') }}",
        "{{ range(9) }}",
        "{{ [1] }}",
        "{{ ''.join(cuenta) }}",
        "{{ " + "not " * 300 + "cuenta.area }}",
        "{% if cuenta.area %}" * 120 + "{% endif %}" * 120,
    ],
)
def test_a_template_reaches_nothing_and_takes_no_time(expression: str) -> None:
    codes = {code for _, _, code in said(template("alta.txt", f"{SOUND}{expression}\n"))}
    assert codes <= {"plantilla-prohibida", "plantilla-rota", "valor-desconocido"}


def test_what_may_be_missing_is_what_is_empty_where_nothing_is_known() -> None:
    bare, seen = Config(dominios=("sinaloa.gob.mx",)), set[str]()
    for carta in Carta:
        for name, value in of_account(carta, declared(title=None), SAF, bare, TODAY).items():
            within = value.items() if isinstance(value, Mapping) else [("", value)]
            seen |= {f"{name}.{inner}".rstrip(".") for inner, one in within if one == ""}
    assert seen == OPTIONAL


def test_a_link_or_a_file_too_large_is_not_read() -> None:
    link = TreeFile("plantillas/alta.txt", "120000", 4, None)
    large = template("baja.txt", "x" * 70_000)
    assert said(link, large) == [("alta.txt", 0, "plantilla-ilegible"), ("baja.txt", 0, "plantilla-ilegible")]
    assert said(TreeFile("plantillas", "120000", 4, None)) == [("plantillas", 0, "plantilla-ilegible")]


def test_everything_wrong_is_said_at_once_and_other_files_are_nobodys_business() -> None:
    assert len(said(template("alta.txt", "{{ a }}"), template("baja.txt", "{{ b }}"))) == 4
    letters(template("LEEME.md", "{{ x"))


def test_blocks_keep_addresses_whole_and_line_up_data() -> None:
    address = "https://" + "a" * 90 + ".mx/"
    body = blocks(f"Vea\n{address}\nahora.\n\n| A: 1\n| Largo: 2\n\n1. uno\n   sigue\n2. dos\n")
    assert as_text(body) == f"Vea\n{address}\nahora.\n\n  A:     1\n  Largo: 2\n\n1. uno sigue\n2. dos\n"
    assert f'<a href="{address}">' in as_html(body)


def test_a_list_needs_no_blank_line_before_it_and_a_value_begins_none() -> None:
    assert as_text(blocks("Puesto\n- de confianza\n")) == "Puesto\n\n- de confianza\n"
    assert "Puesto: Jefe - de área # uno" in flat(written(Carta.ALTA, title="Jefe\n- de área\n# uno"))
