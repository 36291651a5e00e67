"""One agency's declaration while its history is written: entries in, files in canonical form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reconciler.declaration.models import SECTIONS
from reconciler.declaration.writing import scalar
from reconciler.demo.agencies import Agency

Value = str | int | date | list[str] | dict[str, str]
Fields = Mapping[str, Value]


@dataclass
class Book:
    """The entries of one agency. `changed` are the paths that differ from what `files` last gave."""

    agency: Agency
    enlaces: dict[str, Fields] = field(default_factory=dict)
    accounts: dict[str, Fields] = field(default_factory=dict)
    _texts: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    def enlace(self, key: str, fields: Fields) -> None:
        """Declare an enlace."""
        self.enlaces[key] = fields
        self._write(self._head, "enlaces", key, fields)

    def oficio(self, number: str, fields: Fields) -> None:
        """Declare an oficio."""
        self._write(self._head, "oficios", number, fields)

    def account(self, key: str, fields: Fields) -> None:
        """Declare an account, or change its entry."""
        self.accounts[key] = fields
        self._write(self._path_of(fields), "cuentas", key, fields)

    def give_up(self, key: str) -> Fields:
        """Take an account's entry out, for another agency to take it in."""
        fields = self.accounts.pop(key)
        path = self._path_of(fields)
        del self._texts[path]["cuentas", key]
        self._changed.add(path)
        return fields

    def files(self) -> dict[str, bytes | None]:
        """Return the files that changed since the last time, as they are now."""
        changed, self._changed = sorted(self._changed), set()
        return {path: self._text(path) for path in changed}

    @property
    def _head(self) -> str:
        siglas = self.agency.siglas
        return f"accounts/{siglas}/_dependencia.yaml" if self.agency.parts else f"accounts/{siglas}.yaml"

    def _path_of(self, fields: Fields) -> str:
        for part, areas in self.agency.parts.items():
            if fields.get("area") in areas:
                return f"accounts/{self.agency.siglas}/{part}.yaml"
        return self._head

    def _write(self, path: str, section: str, key: str, fields: Fields) -> None:
        self._texts.setdefault(path, {})[section, key] = entry(section, key, fields)
        self._changed.add(path)

    def _text(self, path: str) -> bytes:
        depth = path.count("/")
        kind = "parte" if depth > 1 else "dependencia"
        lines = [f"# yaml-language-server: $schema={'../' * depth}schemas/{kind}.schema.json\n"]
        if path == self._head:
            lines += [f"dependencia: {scalar(self.agency.name)}\n", f"siglas: {scalar(self.agency.siglas)}\n"]
        texts = self._texts[path]
        for section in SECTIONS:
            names = sorted(name for name in texts if name[0] == section)
            lines += [f"{section}:\n", *(texts[name] for name in names)] if names else []
        return "".join(lines).encode()


def entry(section: str, key: str, fields: Fields) -> str:
    """Return one entry of a section as `cuentas fmt` writes it."""
    order = list(SECTIONS[section].model_fields)
    lines = [f"  {scalar(key)}:\n"]
    for name in sorted(fields, key=order.index):
        match fields[name]:
            case list(items):
                lines += [f"    {name}:\n", *(f"      - {scalar(item)}\n" for item in items)]
            case dict(pairs):
                lines += [f"    {name}:\n", *(f"      {key}: {scalar(value)}\n" for key, value in pairs.items())]
            case str(value):
                lines.append(f"    {name}: {scalar(value)}\n")
            case value:
                lines.append(f"    {name}: {value}\n")
    return "".join(lines)
