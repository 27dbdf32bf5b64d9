"""A spec as JSON, and back."""

import json
from os import PathLike
from pathlib import Path
from typing import Any

from cnnviz.exports.errors import ExportError
from cnnviz.families import Spec
from cnnviz.knobs import Problem, SpecError
from cnnviz.settings import VERSION
from cnnviz.text import Text, nearest
from cnnviz.zoo import FAMILIES

MOST_BYTES = 64 * 1024


def as_json(spec: Spec, name: str) -> str:
    """The spec as `load` reads it.

    Args:
        name: of the network, for whoever opens the file.
    """
    fields = {"version": VERSION, "name": name, "family": spec.family, "knobs": spec.values}
    return json.dumps(fields, indent=2) + "\n"


def load(file: str | PathLike[str]) -> Spec:
    """The spec in a .json file that `export` wrote, in this version of cnnviz or an earlier one.

    Raises:
        OSError: the file cannot be read.
        ExportError: it is too long, no JSON, not of this form, or of a later version.
        SpecError: the family or knobs are unknown or out of range; it names every problem.
    """
    with Path(file).open("rb") as stream:
        text = stream.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise _unreadable(file, f"> {MOST_BYTES:,} bytes")
    try:
        fields: dict[str, Any] = json.loads(text)
        family, knobs = str(fields["family"]), dict(fields["knobs"])
        version = int(fields.get("version", VERSION))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise _unreadable(file, f"{type(error).__name__}: {error}"[:200]) from None
    if version > VERSION:
        raise _unreadable(file, f"version {version}; this cnnviz knows {VERSION}")
    if family not in FAMILIES:
        message = Text(
            "{family!r} is no family; the nearest are {close}.",
            "没有名为 {family!r} 的系列；最接近的有 {close}。",
        )
        close = nearest(family, FAMILIES)
        raise SpecError([Problem.of("family", message, family=family[:60], close=close)])
    return FAMILIES[family].spec.from_written(knobs, version)


def _unreadable(file: str | PathLike[str], why: str) -> ExportError:
    message = Text(
        "{file} holds no network that can be read ({why}).", "无法从 {file} 读出网络（{why}）。"
    )
    return ExportError(message.format(file=Path(file).name, why=why))
