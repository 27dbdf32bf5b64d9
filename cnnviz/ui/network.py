"""The network on screen: what the session has chosen, its past, and its address.

Each family has a draft of its own, so that going to another family and back changes no knob. A
draft holds what the widgets show, which may be refused, and the last spec that could be built.
"""

from dataclasses import dataclass, field

import streamlit as st

from cnnviz.knobs import Knob, Preset, Problem, Spec, SpecError, Value, format_value
from cnnviz.text import Text
from cnnviz.ui import address
from cnnviz.ui.words import language_in_address
from cnnviz.zoo import FAMILIES, PRESETS

DEFAULT = "densenet-121"
_KEY = "network"


@dataclass
class Draft:
    """A family's setting: the preset it started from, the last good spec, and what was refused."""

    preset: Preset
    spec: Spec
    refused: dict[str, Text] = field(default_factory=dict)


@dataclass
class Network:
    """A session's choice of network.

    Args:
        notes: what the address asked for and did not get.
        touched: whether a callback has acted since the address was last shown.
        past, future: what undo and redo go through.
    """

    family: str
    drafts: dict[str, Draft]
    notes: list[Problem]
    shown_address: dict[str, str] = field(default_factory=dict)
    touched: bool = False
    past: list[tuple[str, Preset, Spec]] = field(default_factory=list)
    future: list[tuple[str, Preset, Spec]] = field(default_factory=list)

    @property
    def draft(self) -> Draft:
        return self.drafts[self.family]

    @property
    def preset(self) -> Preset:
        return self.draft.preset

    @property
    def spec(self) -> Spec:
        return self.draft.spec

    @property
    def title(self) -> str:
        """The preset's name, starred when a knob differs."""
        return self.preset.name + (" *" if self.spec != self.preset.spec else "")


def current() -> Network:
    """The session's network; a new session, or one led elsewhere by Back, reads the address."""
    asked = {name: value for name, value in st.query_params.items() if name != "lang"}
    network = st.session_state.get(_KEY)
    if network is None:
        preset, spec, notes = address.read(asked, DEFAULT)
        starts = {name: family.presets[0] for name, family in FAMILIES.items()}
        drafts = {name: Draft(start, start.spec) for name, start in starts.items()}
        drafts[spec.family] = Draft(preset, spec)
        network = Network(spec.family, drafts, notes)
        st.session_state[_KEY] = network
    elif asked and asked != network.shown_address and not network.touched:
        # Back or Forward; after a callback the browser may only not have our address yet
        preset, spec, network.notes = address.read(asked, network.preset.name)
        _remember(network)
        _place(network, preset, spec)
    return network


def show_address(network: Network) -> None:
    """Put the network into the browser's address."""
    network.touched = False
    network.shown_address = address.write(network.preset.name, network.spec)
    parameters = {**network.shown_address, **language_in_address()}
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def widget_key(knob: Knob, family: str) -> str:
    return f"{family}.{knob.name}"


def widget_value(knob: Knob, value: Value) -> Value:
    """What the knob's widget holds for a value: tuples are written as text."""
    return format_value(value) if isinstance(knob.default, tuple) else value


def choose_family(name: str) -> None:
    network = _acting()
    _remember(network)
    network.family = name


def choose_preset(name: str) -> None:
    network = _acting()
    _remember(network)
    _place(network, PRESETS[name], PRESETS[name].spec)


def turn(knob: Knob) -> None:
    """Take over what the user did to a knob's widget; what cannot be built is refused."""
    network = _acting()
    draft = network.draft
    raw = st.session_state[widget_key(knob, network.family)]
    draft.refused.pop(knob.name, None)
    try:
        spec = draft.spec.from_values({**draft.spec.values, knob.name: _value(knob, raw)})
    except SpecError as error:
        draft.refused[knob.name] = error.problems[0].message
        return
    if spec != draft.spec:
        _remember(network)
        draft.spec = spec


def reset(knob: Knob | None = None) -> None:
    """Put one knob, or all of them, back to the preset's value."""
    network = _acting()
    start = network.preset.spec
    wanted = start.values if knob is None else {knob.name: getattr(start, knob.name)}
    spec, problems = address.settle(network.spec, wanted)
    if spec != network.spec:
        _remember(network)
    _place(network, network.preset, spec)
    if knob and problems:
        network.draft.refused[knob.name] = problems[0].message


def undo() -> None:
    network = _acting()
    _travel(network, network.past, network.future)


def redo() -> None:
    network = _acting()
    _travel(network, network.future, network.past)


def _acting() -> Network:
    """The session's network, in a callback."""
    network = st.session_state[_KEY]
    network.touched = True
    return network


def _remember(network: Network) -> None:
    network.past.append((network.family, network.preset, network.spec))
    network.future.clear()
    network.notes = []


def _travel(network: Network, source: list, target: list) -> None:
    target.append((network.family, network.preset, network.spec))
    _, preset, spec = source.pop()
    _place(network, preset, spec)


def _place(network: Network, preset: Preset, spec: Spec) -> None:
    """Show a spec: in the draft of its family and in the widgets."""
    network.family = spec.family
    network.drafts[spec.family] = Draft(preset, spec)
    for knob in spec.knobs():
        value = widget_value(knob, getattr(spec, knob.name))
        st.session_state[widget_key(knob, spec.family)] = value


def _value(knob: Knob, raw: object) -> Value:
    if isinstance(knob.default, tuple):
        return knob.parse(raw)
    if isinstance(knob.default, float) and isinstance(raw, float):
        return round(raw, 4)  # a slider adds up steps: 0.1 + 0.05 is not 0.15
    return raw
