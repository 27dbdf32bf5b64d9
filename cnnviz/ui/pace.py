"""How often one browser tab may have its page drawn anew.

A rerun takes the server some 50 ms, and a websocket can ask for hundreds a second: a slider that is
dragged on a slow machine, or a program that means harm. What is over the budget waits, and while it
waits the newest takes the place of the older ones, so the last value wins and no click is lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

BURST = 12.0  # reruns that a tab may ask for at once
RATE = 1.5  # reruns a second, in the long run
FRAGMENT = 0.25  # of a rerun is one of a fragment, such as a timer asks for
MOST_WAITING = 20  # fragments; from then on the tab is not read
_CLICKS = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Pace:
    """ASGI middleware that hands on a websocket's messages within its budget."""

    def __init__(self, app: Callable[..., Awaitable[None]]):
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Callable) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        paced = Paced(receive)
        try:
            await self._app(scope, paced.receive, send)
        finally:
            paced.close()


class Paced:
    """The messages of one websocket; `receive` gives the next when its time has come."""

    def __init__(self, receive: Receive):
        self._receive = receive
        self._reading: asyncio.Future | None = None
        self._waiting: list[Message] = []  # with "rerun": ClientState where it is one
        self._budget, self._counted = BURST, time.monotonic()

    async def receive(self) -> Message:
        while True:
            if self._waiting and (pause := self._pause(self._waiting[0])) <= 0:
                message = self._waiting.pop(0)
                self._budget -= _cost(message)
                return _sent(message)
            timeout = pause if self._waiting else None
            if len(self._waiting) >= MOST_WAITING:
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

    def _pause(self, message: Message) -> float:
        """Seconds until the budget holds a message."""
        now = time.monotonic()
        self._budget = min(BURST, self._budget + RATE * (now - self._counted))
        self._counted = now
        return (_cost(message) - self._budget) / RATE if _cost(message) else 0

    def _take_in(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect":
            self._waiting = []  # there is nobody who would see it
        rerun, others = _rerun(message), []
        for older in self._waiting:
            both = merged(older["rerun"], rerun) if rerun and "rerun" in older else None
            if both:
                rerun = both
            else:
                others.append(older)
        self._waiting = [*others, {**message, "rerun": rerun} if rerun else message]


def merged(old: ClientState, new: ClientState) -> ClientState | None:
    """One rerun in place of two; None for two fragments, as neither draws the other."""
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
    """What the message asks to be drawn anew; what cannot be read Streamlit refuses."""
    said = BackMsg()
    try:
        said.ParseFromString(message.get("bytes") or b"")
    except Exception:  # of protobuf's implementation
        return None
    return said.rerun_script if said.WhichOneof("type") == "rerun_script" else None


def _cost(message: Message) -> float:
    """Of the budget; whatever a browser says that is no rerun costs as little as a fragment."""
    if message["type"] != "websocket.receive":
        return 0
    return 1 if "rerun" in message and not message["rerun"].fragment_id else FRAGMENT


def _sent(message: Message) -> Message:
    """The message as the server is to read it."""
    if "rerun" not in message:
        return message
    said = BackMsg(rerun_script=message["rerun"])
    return {"type": message["type"], "bytes": said.SerializeToString()}
