"""A slider turns its knob while it is dragged, and the whole drag is one step."""

import pytest
from architecture_page_driver import address, network, open_page

import cnnviz
from cnnviz.numbers import short
from cnnviz.ui.kit.drags import Drag, read_drag
from cnnviz.ui.session import slot
from cnnviz.ui.session.slot import Draft, Slot
from cnnviz.zoo import PRESETS

START = PRESETS["densenet-121"]
GROWTH = START.spec.knob("growth_rate")


@pytest.fixture
def shown(monkeypatch):
    """A slot in a session without any other."""
    monkeypatch.setattr(slot.st, "session_state", {})
    return Slot("main", "densenet", {"densenet": Draft(START, START.spec)})


def drag(shown, *values, gesture, ended=True):
    """Drag the slider of the growth rate over values."""
    slot.st.session_state.setdefault(shown.widget_key(GROWTH))
    for place, value in enumerate(values, start=1):
        last = ended and place == len(values)
        shown.drag(GROWTH, Drag(shown.widget_key(GROWTH), value, gesture, last))
        assert shown.spec.growth_rate == value


def let_go(shown, value):
    """The slider's own report."""
    key = shown.widget_key(GROWTH)
    slot.st.session_state[key] = value
    shown.turn(GROWTH, key)


def growth_rates(states):
    return [spec.growth_rate for _, spec in states]


def test_a_drag_over_ten_values_is_one_step(shown):
    drag(shown, *range(31, 21, -1), gesture=1)
    assert growth_rates(shown.history.past) == [32]
    drag(shown, *range(21, 11, -1), gesture=2)
    assert growth_rates(shown.history.past) == [32, 22]
    shown.undo()
    assert shown.spec.growth_rate == 22
    shown.undo()
    assert shown.spec == START.spec
    shown.redo()
    shown.redo()
    assert shown.spec.growth_rate == 12


def test_a_drag_ends_once_whoever_tells_first(shown):
    drag(shown, 30, 20, gesture=1, ended=False)
    let_go(shown, 18)
    late = Drag(shown.widget_key(GROWTH), 20, 1, ended=False)
    shown.drag(GROWTH, late)
    shown.drag(GROWTH, late._replace(value=18, ended=True))
    assert (shown.spec.growth_rate, growth_rates(shown.history.past)) == (18, [32])
    drag(shown, 16, 14, gesture=2)
    let_go(shown, 14)
    let_go(shown, 13)  # by the keyboard
    assert growth_rates(shown.history.past) == [32, 18, 14]


def test_a_drag_that_comes_back_is_no_step(shown):
    let_go(shown, 24)
    shown.undo()
    drag(shown, 30, 20, 32, gesture=1)
    assert (shown.history.past, growth_rates(shown.history.future)) == ([], [24])


@pytest.mark.parametrize("act", ["undo", "turn", "reset", "elsewhere", "preset"])
def test_what_else_is_done_ends_a_drag(shown, act):
    drag(shown, 30, 20, gesture=1, ended=False)
    if act == "undo":
        shown.undo()
        assert shown.spec == START.spec
        return
    if act == "turn":
        knob = shown.spec.knob("num_classes")
        key = shown.widget_key(knob)
        slot.st.session_state[key] = 10
        shown.turn(knob, key)
    elif act == "reset":
        shown.reset()
    elif act == "elsewhere":
        shown.turn_elsewhere(shown.spec.knob("depths"), "6-12")
    else:
        shown.show(PRESETS["densenet-169"], PRESETS["densenet-169"].spec)
    assert growth_rates(shown.history.past) == [32, 20]


def test_a_slider_that_was_replaced_turns_nothing(shown):
    before = Drag(shown.widget_key(GROWTH), 12, 1, ended=True)
    slot.st.session_state[before.slider] = 12
    shown.generation += 1
    shown.drag(GROWTH, before)
    assert shown.spec == START.spec


TOLD = {"slider": "s", "value": 3, "gesture": 7, "ended": False, "at": 7}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"slider": one} for one in (None, 1, [])),
        *({"value": one} for one in ("3", None, True, float("nan"), float("inf"), 10**400)),
        *({"gesture": one} for one in (None, "7", 7.5)),
        {"ended": 1},
    ],
    ids=str,
)
def test_what_is_no_drag_is_none(wrong):
    assert read_drag(TOLD) == Drag("s", 3, 7, ended=False)
    assert read_drag(TOLD | wrong) is None
    assert read_drag([TOLD]) is None


def test_while_a_slider_is_dragged_the_page_follows_and_the_address_waits():
    app = open_page(preset="densenet-121")
    one = network(app)
    one.history.drag = Drag("growth_rate", 12, 1, ended=False), (one.preset, one.spec)
    one.draft.spec = cnnviz.spec("densenet-121", growth_rate=12)
    app.run()
    report = cnnviz.analyze(one.spec)
    assert app.metric[0].value == short(report.params)
    assert "growth_rate" not in address(app)
    one.history.let_go((one.preset, one.spec))
    app.run()
    assert address(app)["growth_rate"] == "12"
