"""The sources' tables, as tables.toml holds them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.text import Text

SIZES = ("input", "output")
COUNTS = ("params", "macs", "connections", "depth")
COLUMNS = ("layers", *SIZES, *COUNTS)
_FILE = Path(__file__).parent / "tables.toml"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row of a source's table.

    Args:
        key: what reasons call it.
        name: as the source names it.
        at: the scopes of the network that the row is about; ("*",) is the whole network, and
            without any the network has no such part.
        but: scopes that the source leaves out.
        printed: by column, for each preset or for all of them (under "").
    """

    key: str
    name: Text
    at: tuple[str, ...]
    but: tuple[str, ...]
    printed: dict[str, dict[str, str]]

    def text(self, preset: str, column: str) -> str:
        """Return the printed cell of a preset; "" where the source prints none."""
        cells = self.printed.get(column, {})
        return cells.get(preset, cells.get("", ""))


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why what is printed is not what is built.

    Args:
        rows, columns, presets: where it holds.
        knob: it holds once this knob is turned; "" for the preset as it is.
        text: a sentence; {params}, {macs} … are the row's of the built preset.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    presets: tuple[str, ...]
    knob: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class Table:
    """A source's table.

    Args:
        presets: whose table it is.
        kilo: what the source means by K.
    """

    key: str
    presets: tuple[str, ...]
    source: Text
    kilo: int
    entries: tuple[Entry, ...]
    reasons: tuple[Reason, ...]


@cache
def tables() -> tuple[Table, ...]:
    """Every table of every source."""
    return tuple(_table(key, raw) for key, raw in _read()["tables"].items())


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _table(key: str, raw: dict[str, Any]) -> Table:
    presets = tuple(raw["presets"])
    return Table(
        key=key,
        presets=presets,
        source=_text(raw["source"]),
        kilo=raw.get("kilo", 1000),
        entries=tuple(map(_entry, raw["rows"])),
        reasons=tuple(
            Reason(
                rows=tuple(reason["rows"]),
                columns=tuple(reason["columns"]),
                presets=tuple(reason.get("presets", presets)),
                knob=reason.get("knob", ""),
                text=Text(reason["en"], reason["zh"]),
            )
            for reason in raw.get("reasons", ())
        ),
    )


def _entry(raw: dict[str, Any]) -> Entry:
    name = _text(raw["name"])
    return Entry(
        key=raw.get("key", name.en),
        name=name,
        at=tuple(raw.get("at", ())),
        but=tuple(raw.get("but", ())),
        printed={
            column: {"": raw[column]} if isinstance(raw[column], str) else raw[column]
            for column in COLUMNS
            if column in raw
        },
    )


def _text(raw: str | dict[str, str]) -> Text:
    """A name such as C1 is the same in both languages."""
    return Text(raw, raw) if isinstance(raw, str) else Text(**raw)
