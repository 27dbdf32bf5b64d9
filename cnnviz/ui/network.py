"""The network on screen: what the session has chosen, its past, and its address.

Each family has a draft of its own, so that going to another family and back changes no knob. A
draft holds what the widgets show, which may be refused, and the last spec that could be built.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.families import Preset, Spec
from cnnviz.knobs import Knob, Problem, SpecError, Value, format_value
from cnnviz.ui import address
from cnnviz.ui.knob_widget import as_meant, can_hold, is_on_screen
from cnnviz.ui.words import language, language_in_address
from cnnviz.zoo import FAMILIES, PRESETS

DEFAULT = "densenet-121"
_KEY = "network"
_REMEMBERED = 100  # steps of undo


@dataclass
class Draft:
    """A family's setting.

    Args:
        preset: that it started from.
        spec: the last one that could be built.
        refused: what a knob's widget holds and could not be taken over, and why.
        broken: the refused knob whose network is shown, up to the layer that fails; "" for none.
    """

    preset: Preset
    spec: Spec
    refused: dict[str, tuple[object, Problem]] = field(default_factory=dict)
    broken: str = ""


@dataclass
class Network:
    """A session's choice of network.

    Args:
        notes: what the address asked for and did not get.
        counting: what the page counts as an operation, one of `CONVENTIONS`.
        generation: goes up when the widgets are to show other values than the user gave them.
        past, future: what undo and redo go through.
    """

    family: str
    drafts: dict[str, Draft]
    notes: list[Problem]
    counting: str = address.COUNTINGS[0]
    generation: int = 0
    past: list[tuple[Preset, Spec]] = field(default_factory=list)
    future: list[tuple[Preset, Spec]] = field(default_factory=list)

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
    def turned(self) -> dict[str, Value]:
        """The knobs of the network on screen that differ from the preset."""
        return self.spec.differences(self.preset.spec)


def current() -> Network:
    """The session's network; a new session, or one led elsewhere by Back, reads the address."""
    asked = {name: value for name, value in st.query_params.items() if name != "lang"}
    network = st.session_state.get(_KEY)
    if network is None:
        preset, spec, notes = address.read(asked, DEFAULT)
        starts = {name: family.presets[0] for name, family in FAMILIES.items()}
        drafts = {name: Draft(start, start.spec) for name, start in starts.items()}
        drafts[spec.family] = Draft(preset, spec)
        network = Network(spec.family, drafts, notes, address.read_counting(asked))
        st.session_state[_KEY] = network
    elif asked and get_script_run_ctx().is_history_navigation:
        preset, spec, notes = address.read(asked, network.preset.name)
        _remember(network)
        network.notes = notes
        network.counting = address.read_counting(asked)
        _place(network, preset, spec)
    return network


def too_small(network: Network, name: str) -> tuple[Spec, int | None] | None:
    """What the knob asks for, if it is refused for nothing but the image; see `Spec.too_small`."""
    if name not in network.draft.refused:
        return None
    raw, _ = network.draft.refused[name]
    with suppress(SpecError):
        return network.spec.too_small(**{name: _value(network.spec.knob(name), raw)})
    return None


def show_broken(name: str = "") -> None:
    """Show the network that the refused knob asks for; without a name, the last valid one."""
    st.session_state[_KEY].draft.broken = name


def show_address(network: Network) -> None:
    """Put the network, and how its operations are counted, into the browser's address."""
    parameters = {
        **address.write(network.preset.name, network.spec),
        **address.write_counting(network.counting),
        **language_in_address(),
    }
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def widget_key(network: Network, knob: Knob) -> str:
    """The key of the knob's widget; a new generation is a new widget, which starts anew.

    So is another language: a browser names an option by its label.
    """
    return f"{network.family}.{knob.name}.{language()}.{network.generation}"


def widget_value(network: Network, knob: Knob) -> object:
    """What the knob's widget shows: the value, tuples as text, or what was refused."""
    if knob.name in network.draft.refused:
        return network.draft.refused[knob.name][0]
    value = network.spec.values[knob.name]
    return format_value(value) if isinstance(knob.default, tuple) else value


def family_key(network: Network) -> str:
    return f"family.{network.generation}"


def counting_key(network: Network) -> str:
    return f"counting.{language()}.{network.generation}"


def preset_key(network: Network) -> str:
    return f"preset.{network.family}.{network.generation}"


def choose_family(key: str) -> None:
    """Show the family that the widget `key` names, as it was left."""
    network = st.session_state[_KEY]
    chosen = _offered(key, family_key(network), FAMILIES)
    if chosen not in (None, network.family):
        _remember(network)
        network.family = chosen


def choose_preset(key: str) -> None:
    """Set every knob to the preset that the widget `key` names."""
    network = st.session_state[_KEY]
    chosen = _offered(key, preset_key(network), PRESETS)
    if chosen not in (None, network.preset.name):
        preset = PRESETS[chosen]
        _remember(network)
        _place(network, preset, preset.spec)


def choose_counting(key: str) -> None:
    """Count operations as the widget `key` says."""
    network = st.session_state[_KEY]
    network.counting = _offered(key, counting_key(network), address.COUNTINGS) or network.counting


def _offered(key: str, current: str, options: Iterable[str]) -> str | None:
    """What the widget on screen holds, if it is one of its options: anybody can send others."""
    if is_on_screen(key, current) and st.session_state[key] in list(options):
        return st.session_state[key]
    return None


def turn(knob: Knob, key: str) -> None:
    """Take over what the user did to the knob's widget `key`; what cannot be built is refused."""
    network = st.session_state[_KEY]
    if is_on_screen(key, widget_key(network, knob)) and can_hold(knob, st.session_state[key]):
        _take_over(network, knob, st.session_state[key])


def turn_elsewhere(knob: Knob, text: str) -> None:
    """Turn a knob by something else than its widget, which then shows the new value, too."""
    network = st.session_state[_KEY]
    _take_over(network, knob, text)
    network.generation += 1


def _take_over(network: Network, knob: Knob, raw: object) -> None:
    """Turn the knob, and with it those that were refused before and go together with it now."""
    draft = network.draft
    held = {name: before for name, (before, _) in draft.refused.items()} | {knob.name: raw}
    values, problems = {}, {}
    for name, value in held.items():
        try:
            values[name] = _value(draft.spec.knob(name), value)
        except SpecError as error:
            problems[name] = error.problems[0]
    spec, apart = draft.spec.settle(values)
    problems |= apart
    draft.refused = {name: (held[name], problem) for name, problem in problems.items()}
    if spec != draft.spec:
        _remember(network)
        draft.spec = spec
    _check_broken(network, draft.broken)


def _check_broken(network: Network, name: str) -> None:
    """Go on showing what the refused knob asks for, if there is still something to show."""
    network.draft.broken = name if too_small(network, name) else ""


def reset(knob: Knob | None = None) -> None:
    """Put one knob, or all of them, back to the preset's value."""
    network = st.session_state[_KEY]
    start = network.preset.spec
    wanted = start.values if knob is None else {knob.name: getattr(start, knob.name)}
    refused = {} if knob is None else network.draft.refused
    broken = network.draft.broken
    spec, problems = network.spec.settle(wanted)
    if spec != network.spec:
        _remember(network)
    _place(network, network.preset, spec)
    network.draft.refused |= {name: why for name, why in refused.items() if name not in wanted}
    for name, problem in problems.items():
        network.draft.refused[name] = (spec.values[name], problem)
    _check_broken(network, broken)


def dismiss_notes() -> None:
    st.session_state[_KEY].notes = []


def undo() -> None:
    network = st.session_state[_KEY]
    _travel(network, network.past, network.future)


def redo() -> None:
    network = st.session_state[_KEY]
    _travel(network, network.future, network.past)


def _remember(network: Network) -> None:
    network.past.append((network.preset, network.spec))
    del network.past[:-_REMEMBERED]
    network.future.clear()


def _travel(network: Network, source: list, target: list) -> None:
    if source:  # a second click may come before the button is seen to be disabled
        target.append((network.preset, network.spec))
        _place(network, *source.pop())


def _place(network: Network, preset: Preset, spec: Spec) -> None:
    """Show a spec: in the draft of its family and in new widgets."""
    network.family = spec.family
    network.drafts[spec.family] = Draft(preset, spec)
    network.generation += 1


def _value(knob: Knob, raw: object) -> Value:
    if isinstance(knob.default, tuple):
        return knob.parse(raw)
    return as_meant(knob, raw)
