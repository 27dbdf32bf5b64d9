"""What one tab asks for faster than its budget allows waits, and the last value wins."""

import asyncio
from time import monotonic

import pytest
from servers import in_a_loop_of_its_own
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState

from cnnviz.ui.app import rerun_budget

LAST = {"type": "websocket.receive", "text": "the last"}
GONE = {"type": "websocket.disconnect", "code": 1001}


class Clock:
    """Stands still until all messages are read, so that a busy machine refills no budget."""

    def __init__(self):
        self.goes_from = None

    def __call__(self):
        return 0.0 if self.goes_from is None else monotonic() - self.goes_from


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Two reruns at once and a hundred a second, so that nobody waits for long."""
    monkeypatch.setattr(rerun_budget, "OWN", (2.0, 100.0))
    monkeypatch.setattr(rerun_budget, "COMMON", (0.1, 0.001))
    clock = Clock()
    monkeypatch.setattr(rerun_budget, "monotonic", clock)
    return clock


def rerun(value=0.0, *, fragment="", click=""):
    """A browser's message: a slider's value and maybe a click."""
    said = BackMsg()
    said.rerun_script.fragment_id = fragment
    said.rerun_script.is_auto_rerun = bool(fragment)
    slider = WidgetState(id="slider")
    slider.double_array_value.data.append(value)
    said.rerun_script.widget_states.widgets.append(slider)
    if click:
        said.rerun_script.widget_states.widgets.append(WidgetState(id=click, trigger_value=True))
    return {"type": "websocket.receive", "bytes": said.SerializeToString()}


@pytest.fixture
def handed_on(clock):
    """What an app is given of the messages of one websocket, all of which are there already."""

    def hand_on(*messages, goes_from=None):
        clock.goes_from = goes_from
        return _handed_on(clock, messages)

    return hand_on


def _handed_on(clock, messages):
    given, left = [], [*messages, LAST]

    async def receive():
        if not left:
            await asyncio.Event().wait()  # for ever, as a browser that says nothing more
        message = left.pop(0)
        if not left:
            clock.goes_from = clock.goes_from or monotonic()
        return message

    async def app(scope, receive, send):
        while (message := await receive()) != LAST:
            given.append(message)

    in_a_loop_of_its_own(rerun_budget.Pace(app)({"type": "websocket"}, receive, None))
    return given


def read(message):
    said = BackMsg()
    said.ParseFromString(message["bytes"])
    states = {state.id: state for state in said.rerun_script.widget_states.widgets}
    return said.rerun_script.fragment_id, states


def test_within_the_budget_every_message_is_handed_on(handed_on):
    messages = [{"type": "websocket.connect"}, rerun(1), rerun(2)]
    assert handed_on(*messages) == messages


def test_over_it_the_last_value_wins_and_no_click_is_lost(handed_on):
    drag = [rerun(value) for value in range(3, 60)]
    given = handed_on(rerun(1), rerun(2), rerun(2, click="start"), *drag, rerun(60, click="undo"))
    assert len(given) == 3
    fragment, states = read(given[-1])
    assert not fragment
    assert list(states["slider"].double_array_value.data) == [60]
    assert states.keys() == {"slider", "start", "undo"}


def test_a_page_takes_its_fragments_with_it_and_two_fragments_stay_two(handed_on):
    full = [rerun(1), rerun(2)]
    given = handed_on(*full, rerun(fragment="a"), rerun(3), rerun(4, fragment="a"))
    assert [read(message)[0] for message in given[2:]] == [""]
    assert list(read(given[2])[1]["slider"].double_array_value.data) == [4]
    given = handed_on(*full, *(rerun(fragment=name) for name in "ab"), rerun(5))
    assert [read(message)[0] for message in given[2:]] == [""]
    given = handed_on(*full, *(rerun(fragment=name) for name in "abab"))
    assert [read(message)[0] for message in given[2:]] == ["a", "b"]


def test_who_needs_more_takes_of_what_all_have_together(monkeypatch):
    monkeypatch.setattr(rerun_budget, "monotonic", lambda: 0.0)
    common = rerun_budget.Budget(3, 1)

    def paid(reruns):
        tab = rerun_budget.Paced(None, common)
        for number in range(reruns):
            tab._waiting = [{"type": "websocket.receive", "rerun": ClientState()}]
            if tab._pause():
                return number
        return reruns

    assert paid(4) == 4, "two of its own and two of the three"
    assert paid(4) == 3
    assert paid(4) == 2, "its own are left to every tab"


def test_what_is_no_rerun_is_handed_on_as_it_is(handed_on):
    odd = [{"type": "websocket.receive", "bytes": b"\xff"}, LAST | {"text": ""}]
    assert handed_on(rerun(1), rerun(2), *odd)[2:] == odd


def test_nothing_waits_for_a_tab_that_is_gone(handed_on):
    assert handed_on(rerun(1), rerun(2), *[rerun(3)] * 50, GONE)[2:] == [GONE]


def test_what_waits_is_limited(handed_on):
    many = [rerun(fragment=str(number)) for number in range(100)]
    given = handed_on(rerun(1), rerun(2), *many, goes_from=monotonic())
    assert len(given) == 102, "none is lost"
