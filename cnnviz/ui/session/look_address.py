"""The part of the share link that says how a network is looked at.

?…&open=block1,block1.layer2&at=block1.layer2&tab=memory unfolds two blocks, selects one and opens a
view. Many unfolded blocks would be too long for an address: they become a bit each, in the order in
which the network runs, so that the largest network needs some hundred characters and no server has
to remember a link.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import find, members
from cnnviz.knobs import Problem
from cnnviz.render.colouring import COLOURINGS
from cnnviz.text import Text
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.session.look import PANES, Look

OPEN, AT, TAB, SHOWN, UNIT = "open", "at", "tab", "show", "unit"
PRESENT = "present"  # the graph fills the window
COLOUR = "colour"  # what the colour of a node says
BREAKS = "breaks"  # a refused knob with its value, whose network is shown up to where it breaks
KEYS = (OPEN, AT, TAB, SHOWN, UNIT, PRESENT, COLOUR, BREAKS)
_BITS = "~"  # begins what is a bit a block
_LONGEST = 80  # characters of names

_in_browser = st.components.v2.component("cnnviz_look_address", js=asset("look_address.js"))
_NOT_THERE = Text("{key} {name!r} is not in this network.", "{key} {name!r} 不在该网络中。")


def write_look(look: Look, report: Report) -> dict[str, str]:
    """The query parameters of a look at a network; what is as at first is not mentioned."""
    unit = ",".join(map(str, look.unit)) if look.unit else ""
    parts = {
        OPEN: _written([scope in look.opened for scope in members(report)], report),
        AT: look.selected or "",
        TAB: look.tab,
        SHOWN: "" if look.panes == Look().panes else look.panes,
        UNIT: unit,
        PRESENT: "1" if look.presenting else "",
        COLOUR: "" if look.colour_by == Look().colour_by else look.colour_by,
    }
    return {key: text for key, text in parts.items() if text}


def read_look(
    parameters: Mapping[str, str], report: Report, start: Look
) -> tuple[Look, list[Problem]]:
    """The look that a query string asks for, and a sentence for everything that was left out.

    Args:
        start: the look of which all is kept that an address does not hold.
    """
    look, problems = replace(start, opened=frozenset(), selected=None), []
    for scope in _read(parameters.get(OPEN, ""), report):
        if scope in members(report):
            look = look.unfolding(look.opened | {scope})
        else:
            problems.append(_not_there(OPEN, scope))
    if name := parameters.get(AT):
        if find(report, name):
            look = look.at(name)
        else:
            problems.append(_not_there(AT, name))
    panes = parameters.get(SHOWN, Look().panes)
    look = replace(
        look,
        tab=parameters.get(TAB, ""),
        panes=panes if panes in PANES else Look().panes,
        unit=_unit(parameters.get(UNIT, "")),
        presenting=parameters.get(PRESENT) == "1",
        colour_by=read_colour(parameters),
    )
    return look, problems


def read_colour(parameters: Mapping[str, str]) -> str:
    """What the colour of a node is to say; a query string that asks for nothing known: its kind."""
    asked = parameters.get(COLOUR)
    return asked if asked in COLOURINGS else Look().colour_by


def show(parameters: Mapping[str, str], *, key: str) -> None:
    """Have the browser's address hold a look's parameters, without an entry in its history."""
    _in_browser(key=key, data={"keys": KEYS, "look": dict(parameters)})


def _written(opened: list[bool], report: Report) -> str:
    """The unfolded blocks, by name or, where that is long, a bit each."""
    scopes = [scope for scope, is_open in zip(members(report), opened, strict=True) if is_open]
    names = ",".join(scopes)
    if len(names) <= _LONGEST:
        return names
    bits = sum(is_open << place for place, is_open in enumerate(opened))
    packed = urlsafe_b64encode(bits.to_bytes((len(opened) + 7) // 8, "little"))
    return _BITS + packed.decode().rstrip("=")


def _read(text: str, report: Report) -> list[str]:
    if not text.startswith(_BITS):
        return [name for name in text.split(",") if name]
    packed = text.removeprefix(_BITS)
    try:
        bits = int.from_bytes(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), "little")
    except ValueError:
        return [text]  # the name of no block
    return [scope for place, scope in enumerate(members(report)) if bits >> place & 1]


def _unit(text: str) -> tuple[int, int] | None:
    """A unit of the lens; one that the layer has not is told by the lens."""
    numbers = text.split(",")
    if len(numbers) == 2 and all(number.isdecimal() and len(number) <= 4 for number in numbers):
        return int(numbers[0]), int(numbers[1])
    return None


def _not_there(key: str, name: str) -> Problem:
    return Problem.of(key, _NOT_THERE, key=key, name=name[:60])
