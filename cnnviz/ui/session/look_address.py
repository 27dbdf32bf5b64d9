"""The part of the share link that holds the look at a network.

?…&open=block1,block1.layer2&at=block1.layer2&tab=memory unfolds two blocks, selects one and opens a
view. A long list of unfolded blocks is written as one bit for each block, in the order of
execution. So even the largest network needs only some hundred characters, and no server has to
remember a link.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import find, members
from cnnviz.analysis.timing.setting import PRECISIONS
from cnnviz.knobs import Problem
from cnnviz.text import Text
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.session.look import COLOURS, MOST_TIMED, PANES, TABS, Look, Timed

OPEN, AT, TAB, SHOWN, UNIT = "open", "at", "tab", "show", "unit"
PRESENT = "present"  # the graph fills the window
COLOUR = "colour"  # measure that colours the nodes
TIMED = "time"  # images, precision and layout of a timed pass: 8,bf16,channels_last
BREAKS = "breaks"  # a refused knob and its value; its network is shown up to the failing layer
KEYS = (OPEN, AT, TAB, SHOWN, UNIT, PRESENT, COLOUR, TIMED, BREAKS)
_BITS = "~"  # marks a list that is written as bits
_LONGEST = 80  # characters; a longer list of names is written as bits

_in_browser = st.components.v2.component("cnnviz_look_address", js=asset("look_address.js"))
_LAYOUT = "channels_last"
_NO_SETTING = Text(
    "{key} {name!r} is no setting to time in; write images (1 to {most}), precision ({known}) and, "
    "where wanted, channels_last: 8,fp16,channels_last.",
    "{key} {name!r} 不是计时设置；请写图像数（1 到 {most}）、数值精度（{known}），"
    "需要时加 channels_last：8,fp16,channels_last。",
)
_NOT_THERE = Text("{key} {name!r} is not in this network.", "{key} {name!r} 不在该网络中。")
_BREAKS_NOT = Text(
    "{key} {name!r} is no knob and value with which this network breaks; it was left out.",
    "{key} {name!r} 不是使该网络失败的超参数与取值，已忽略。",
)
_NOT_KNOWN = Text(
    "{key} {name!r} is not known and was left out; write {known}.",
    "无法识别 {key} {name!r}，已忽略；请写 {known}。",
)


def write_look(look: Look, report: Report) -> dict[str, str]:
    """The query parameters of a look at a network, without defaults."""
    unit = ",".join(map(str, look.unit)) if look.unit else ""
    parts = {
        OPEN: _written([scope in look.opened for scope in members(report)], report),
        AT: look.selected or "",
        TAB: look.tab,
        SHOWN: "" if look.panes == Look().panes else look.panes,
        UNIT: unit,
        PRESENT: "1" if look.presenting else "",
        COLOUR: "" if look.colour_by == Look().colour_by else look.colour_by,
        TIMED: "" if look.timed == Timed() else _written_timed(look.timed),
    }
    return {key: text for key, text in parts.items() if text}


def read_look(
    parameters: Mapping[str, str], report: Report, start: Look
) -> tuple[Look, list[Problem]]:
    """The look in a query string, and a sentence for each part that was left out.

    Args:
        start: provides everything that an address does not hold.
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
    timed = _timed(parameters.get(TIMED, ""))
    if timed is None:
        name, known = parameters[TIMED][:60], ", ".join(PRECISIONS)
        values = {"key": TIMED, "name": name, "most": MOST_TIMED, "known": known}
        problems.append(Problem.of(TIMED, _NO_SETTING, **values))
    unit = _unit(parameters.get(UNIT, ""))
    if unit is None and parameters.get(UNIT):
        problems.append(_not_known(UNIT, parameters[UNIT], "2,3"))
    choices = {SHOWN: PANES, COLOUR: COLOURS, PRESENT: ("1",), TAB: TABS}
    chosen = {}
    for key, offered in choices.items():
        text = parameters.get(key, "")
        if text in ("", *offered):
            chosen[key] = text
        else:
            problems.append(_not_known(key, text, ", ".join(offered)))
    look = replace(
        look,
        tab=chosen.get(TAB, ""),
        panes=chosen.get(SHOWN) or Look().panes,
        unit=unit,
        presenting=bool(chosen.get(PRESENT)),
        colour_by=chosen.get(COLOUR) or Look().colour_by,
        timed=timed or Timed(),
    )
    return look, problems


def does_not_break(asked: str) -> Problem:
    """The sentence for a knob and value in a query string that break no network."""
    return Problem.of(BREAKS, _BREAKS_NOT, key=BREAKS, name=asked[:60])


def read_colour(parameters: Mapping[str, str]) -> str:
    """The measure in a query string that colours the nodes; the default if it is not known."""
    asked = parameters.get(COLOUR)
    return asked if asked in COLOURS else Look().colour_by


def show(parameters: Mapping[str, str], *, key: str) -> None:
    """Put a look's parameters into the browser's address, without an entry in its history."""
    _in_browser(key=key, data={"keys": KEYS, "look": dict(parameters)})


def _written(opened: list[bool], report: Report) -> str:
    """The unfolded blocks by name or, if that is too long, as bits."""
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
        return [text]  # reported as an unknown block
    return [scope for place, scope in enumerate(members(report)) if bits >> place & 1]


def _unit(text: str) -> tuple[int, int] | None:
    """The row and column of a unit; whether the layer has it is checked later."""
    numbers = text.split(",")
    if len(numbers) == 2 and all(number.isdecimal() and len(number) <= 4 for number in numbers):
        return int(numbers[0]), int(numbers[1])
    return None


def _written_timed(timed: Timed) -> str:
    layout = (_LAYOUT,) if timed.channels_last else ()
    return ",".join((f"{timed.batch}", timed.precision, *layout))


def _timed(text: str) -> Timed | None:
    """The setting to time in, the usual one without a text; None if it is none."""
    if not text:
        return Timed()
    batch, precision, *layout = (*text.split(","), "")
    layout = [part for part in layout if part]
    is_number = batch.isdecimal() and batch.isascii() and len(batch) <= 4
    if not is_number or precision not in PRECISIONS or layout not in ([], [_LAYOUT]):
        return None
    return Timed(int(batch), precision, bool(layout)) if 1 <= int(batch) <= MOST_TIMED else None


def _not_known(key: str, name: str, known: str) -> Problem:
    return Problem.of(key, _NOT_KNOWN, key=key, name=name[:60], known=known)


def _not_there(key: str, name: str) -> Problem:
    return Problem.of(key, _NOT_THERE, key=key, name=name[:60])
