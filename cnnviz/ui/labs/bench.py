"""What a session has on its bench: the settings of each lab, with undo, and what was refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.knobs import Knob, Problem, format_value
from cnnviz.labs import LABS
from cnnviz.labs.lab import Lab, Section
from cnnviz.labs.written import WrittenKnob
from cnnviz.settings import Settings
from cnnviz.text import Text, nearest
from cnnviz.ui.kit.drags import Drag
from cnnviz.ui.kit.knob_widget import Held, can_hold, is_on_screen, is_typed
from cnnviz.ui.kit.refused import Refused, take_over
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.kit.words import language, language_in_address
from cnnviz.ui.session.address import read_knobs
from cnnviz.ui.session.history import History
from cnnviz.ui.session.parameters import FRAME, language_problems

_LAB = "lab"
_NOT_KNOBS = (_LAB, "v", *FRAME)


@dataclass
class Bench:
    """A lab's settings in a session.

    Args:
        settings: the last ones that were accepted, which the page shows.
        refused: what a knob's widget holds and could not be taken over, and why.
        notes: what the address asked for and did not get.
        generation: goes up when the widgets are to show other values than the user gave them.
        history: the steps of undo and redo.
    """

    lab: Lab
    settings: Settings
    notes: list[Problem] = field(default_factory=list)
    refused: Refused = field(default_factory=dict)
    generation: int = 0
    history: History[Settings] = field(default_factory=History)

    @property
    def start(self) -> Settings:
        """The settings with which the lab opens."""
        return self.lab.settings()

    @property
    def is_turned(self) -> bool:
        return bool(self.refused) or self.settings != self.start

    def look(self, section: Section) -> object:
        """What a section shows depends on: it is equal while that stays, but for a film's step."""
        names = {*section.reads, *(knob.name for knob in self.lab.knobs(section))}
        values = {name: self.settings.values[name] for name in names}
        return values, {name: self.refused[name] for name in names & self.refused.keys()}

    def widget_key(self, knob: Knob) -> str:
        """The key of the knob's widget; a new generation is a new widget, which starts anew."""
        return f"lab.{self.lab.name}.{knob.name}.{language()}.{self.generation}"

    def widget_value(self, knob: Knob) -> Held:
        """What the knob's widget shows: the value, or what was refused."""
        if knob.name in self.refused:
            return self.refused[knob.name][0]
        value = self.settings.values[knob.name]
        if isinstance(knob, WrittenKnob):
            return knob.form.typed(str(value))
        return format_value(value) if is_typed(knob) else value

    def turn(self, knob: Knob, key: str) -> None:
        """Take over what the user did to the knob's widget; what cannot be is refused."""
        if is_on_screen(key, self.widget_key(knob)) and can_hold(knob, st.session_state[key]):
            self.history.let_go(self.settings, but=key)
            self._take_over(knob, st.session_state[key])
            self.history.let_go(self.settings)

    def drag(self, knob: Knob, drag: Drag) -> None:
        """Turn a knob while its slider is dragged; the whole drag is one step of undo."""
        on_screen = is_on_screen(drag.slider, self.widget_key(knob))
        if on_screen and self.history.follow(drag, self.settings):
            self._take_over(knob, drag.value)
            if drag.ended:
                self.history.let_go(self.settings)

    def see(self, name: str, at: object) -> None:
        """Remember at which step a film stands; it is no step of undo."""
        bounds = self.settings.knob(name).bounds
        if type(at) is int and bounds[0] <= at <= bounds[1]:
            self.settings = self.settings.turn(**{name: at})

    def try_out(self, values: Mapping[str, object]) -> None:
        """Show the lab as it opens, but for some settings."""
        self.show(self.start.turn(**values))

    def reset_all(self) -> None:
        self.show(self.start)

    def undo(self) -> None:
        self._travel(self.history.undo)

    def redo(self) -> None:
        self._travel(self.history.redo)

    def query(self) -> dict[str, str]:
        """The lab as the parameters of an address."""
        turned = self.settings.differences(self.start)
        return {_LAB: self.lab.name} | {name: format_value(one) for name, one in turned.items()}

    def show(self, settings: Settings) -> None:
        """Show other settings, in new widgets, as a step that can be undone."""
        self.history.let_go(self.settings)
        self._go_to(settings)
        self._show(settings)

    def _take_over(self, knob: Knob, raw: Held) -> None:
        settings, self.refused = take_over(self.settings, self.refused, knob, raw)
        self._go_to(settings)

    def _go_to(self, settings: Settings) -> None:
        """Make a step that can be undone, if anything changes; a drag is a step when it ends."""
        if settings == self.settings:
            return
        self.notes = []
        if self.history.drag is None:
            self.history.remember(self.settings)
        self.settings = settings

    def _travel(self, where: Callable[[Settings], Settings | None]) -> None:
        self.history.let_go(self.settings)
        if settings := where(self.settings):
            self._show(settings)

    def _show(self, settings: Settings) -> None:
        self.settings, self.refused = settings, {}
        self.generation += 1


def current() -> Bench:
    """The bench of the lab on the page; a new session, or Back, reads the address."""
    asked = st.query_params.to_dict()
    arrives = _LAB not in st.session_state
    if arrives or (is_led() and _LAB in asked):
        _arrive(asked)
    return _bench(st.session_state[_LAB])


def choose(name: str | None) -> None:
    """Go to another lab, as it was left."""
    if name in LABS:
        st.session_state[_LAB] = name


def show_address(bench: Bench) -> None:
    """Have the address hold the lab; it stays while a slider is dragged."""
    if bench.history.drag:
        return
    parameters = {**bench.query(), **language_in_address()}
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def _bench(name: str) -> Bench:
    if _key(name) not in st.session_state:
        st.session_state[_key(name)] = Bench(LABS[name], LABS[name].settings())
    bench: Bench = st.session_state[_key(name)]
    return bench


def _key(name: str) -> str:
    return f"lab.{name}"


def _arrive(asked: Mapping[str, str]) -> None:
    name, notes = asked.get(_LAB, next(iter(LABS))), language_problems(asked)
    if name not in LABS:
        message = Text(
            "lab {name!r} does not exist; the nearest are {close}. {default} is shown.",
            "没有名为 {name!r} 的动手实验；最接近的有 {close}。现在显示 {default}。",
        )
        default = next(iter(LABS))
        values = {"name": name[:60], "close": nearest(name, LABS), "default": default}
        name, notes = default, [*notes, Problem.of(_LAB, message, **values)]
    st.session_state[_LAB] = name
    texts = {key: text for key, text in asked.items() if key not in _NOT_KNOBS}
    settings, left_out = read_knobs(LABS[name].settings(), texts, of=f"/labs?lab={name}")
    if _key(name) in st.session_state:
        _bench(name).show(settings)
    else:
        st.session_state[_key(name)] = Bench(LABS[name], settings)
    _bench(name).notes = [*notes, *left_out]
