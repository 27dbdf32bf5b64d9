"""Rate limit on the reruns that one browser tab asks for.

A rerun costs the server some 50 ms, and a websocket can ask for hundreds a second: a slider dragged
on a slow machine, or a hostile program. Requests over the budget wait, and newer ones replace older
ones meanwhile: the last value wins and no click is lost. Example: a drag over 50 values within a
second draws the first five at once, and then only the newest as often as the budget allows.

Each tab has a small budget of its own, and all tabs share a common one on top: a single dragging
user gets all of it, ten flooding tabs share it and leave time to others.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from time import monotonic
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

OWN = (5.0, 1.0)  # of a tab: burst, and reruns a second in the long run
COMMON = (10.0, 3.0)  # of all tabs together
FRAGMENT = 0.2  # cost of a fragment's rerun, such as a timer's
MOST_WAITING = 20  # fragments; from then on the tab is not read
_CLICKS = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Budget:
    """Token bucket: a burst of reruns, and a rate a second in the long run."""

    def __init__(self, burst: float, rate: float):
        self._burst, self._rate = burst, rate
        self._left, self._counted = burst, monotonic()

    def pause(self, cost: float) -> float:
        """Return the seconds until the budget covers the cost; 0 if it does."""
        now = monotonic()
        self._left = min(self._burst, self._left + self._rate * (now - self._counted))
        self._counted = now
        return max(0.0, (cost - self._left) / self._rate)

    def take(self, cost: float) -> None:
        self._left -= cost


class Pace:
    """ASGI middleware that hands on a websocket's messages within its budget."""

    def __init__(self, app: Callable[..., Awaitable[None]]):
        self._app, self._common = app, Budget(*COMMON)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        paced = Paced(receive, self._common)
        try:
            await self._app(scope, paced.receive, send)
        finally:
            paced.close()


class Paced:
    """The messages of one websocket; `receive` gives the next when its time has come."""

    def __init__(self, receive: Receive, common: Budget):
        self._receive, self._budgets = receive, (Budget(*OWN), common)
        self._reading: asyncio.Future[Message] | None = None
        self._waiting: list[Message] = []  # with "rerun": ClientState where it is one

    async def receive(self) -> Message:
        while True:
            timeout = self._pause() if self._waiting else None
            if timeout == 0:
                return _sent(self._waiting.pop(0))
            if timeout is not None and len(self._waiting) >= MOST_WAITING:
                await asyncio.sleep(timeout)
                continue
            self._reading = self._reading or asyncio.ensure_future(self._receive())
            done, _ = await asyncio.wait({self._reading}, timeout=timeout)
            if done:
                self._reading = None
                self._take_in(done.pop().result())

    def close(self) -> None:
        if self._reading:
            self._reading.cancel()

    def _pause(self) -> float:
        """Return the seconds until a budget covers the next message; 0 once one has paid."""
        cost = _cost(self._waiting[0])
        pauses = [budget.pause(cost) for budget in self._budgets]
        if 0 in pauses:
            self._budgets[pauses.index(0)].take(cost)
        return min(pauses)

    def _take_in(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect":
            self._waiting = []  # nobody would see the rest
        rerun, others = _rerun(message), []
        for older in self._waiting:
            both = merged(older["rerun"], rerun) if rerun and "rerun" in older else None
            if both:
                rerun = both
            else:
                others.append(older)
        self._waiting = [*others, {**message, "rerun": rerun} if rerun else message]


def merged(old: ClientState, new: ClientState) -> ClientState | None:
    """Merge two reruns into one; None for two different fragments."""
    if old.fragment_id and new.fragment_id and old.fragment_id != new.fragment_id:
        return None
    both = ClientState()
    both.CopyFrom(new)
    if not old.fragment_id:
        both.fragment_id = ""  # the whole page draws its fragments, too
    both.is_auto_rerun = old.is_auto_rerun and new.is_auto_rerun
    both.is_history_navigation |= old.is_history_navigation
    there = {state.id for state in new.widget_states.widgets}
    both.widget_states.widgets.extend(
        state
        for state in old.widget_states.widgets
        if state.WhichOneof("value") in _CLICKS and state.id not in there
    )
    return both


def _rerun(message: Message) -> ClientState | None:
    """Return the message's rerun request; Streamlit itself refuses unreadable ones."""
    said = BackMsg()
    try:
        said.ParseFromString(message.get("bytes") or b"")
    except Exception:  # of protobuf's implementation
        return None
    return said.rerun_script if said.WhichOneof("type") == "rerun_script" else None


def _cost(message: Message) -> float:
    """Return a message's cost; other messages cost as little as a fragment."""
    if message["type"] != "websocket.receive":
        return 0
    return 1 if "rerun" in message and not message["rerun"].fragment_id else FRAGMENT


def _sent(message: Message) -> Message:
    """Return the message as the server reads it."""
    if "rerun" not in message:
        return message
    said = BackMsg(rerun_script=message["rerun"])
    return {"type": message["type"], "bytes": said.SerializeToString()}
