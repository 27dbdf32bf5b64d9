"""A browser's tab without a browser: Streamlit's protocol over a websocket.

It keeps what a browser keeps (the elements on screen, the widgets' values, the address, the cache
of large messages, the timers of fragments), so that the server does the work of a real visit.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 120  # seconds
DONE = ForwardMsg.FINISHED_SUCCESSFULLY  # a run of the whole page
CACHED_RUNS = 2  # for which the server is told that a large message is here
KEPT_RUNS = 6  # for which it is: an answer may come when others have come before it


class Broken(Exception):
    """The page shows an exception, or the connection is gone."""


class Tab:
    """One session; `elements` is what its screen shows, by place."""

    def __init__(self, socket, path: str):
        self._socket = socket
        self._page, _, self._query = path.partition("?")
        self._script = ""
        self._states: dict[str, WidgetState] = {}
        self._large: dict[str, tuple[int, ForwardMsg]] = {}
        self._timers: dict[str, asyncio.Task] = {}
        self._seen: set[tuple[int, ...]] = set()
        self._runs = 0
        self._finished = asyncio.Condition()
        self._end: str | None = None  # why nothing comes any more
        self.elements: dict[tuple[int, ...], Element] = {}
        self.received = 0  # bytes
        self.reader: asyncio.Task | None = None

    async def open(self) -> float:
        """Ask for the page; seconds until all of it is there."""
        return await self._rerun()

    async def turn(self, knob: str, value: float | str) -> float:
        """Turn a knob of the network; seconds until the whole page has followed."""
        self.hold(knob, value)
        return await self._rerun()

    async def press(self, key: str) -> float:
        """Press a button; seconds until the whole page has followed."""
        (element_id,) = [name for kind, name in self._widgets() if name.endswith(f"-{key}")]
        self._states[element_id] = WidgetState(id=element_id, trigger_value=True)
        try:
            return await self._rerun()
        finally:
            self._states.pop(element_id, None)  # a press is told once

    def text(self) -> str:
        """All text on screen."""
        return "\n".join(
            getattr(element, kind).body
            for element in self.elements.values()
            if (kind := element.WhichOneof("type")) in ("markdown", "alert")
        )

    def hold(self, knob: str, value: float | str) -> None:
        """Put a value into a knob's widget; `turn` and `send` tell the server."""
        kind, element_id = self._widget(knob)
        state = self._states[element_id] = WidgetState(id=element_id)
        if kind == "slider":
            state.double_array_value.data.append(value)
        elif kind == "number_input":
            state.double_value = value
        else:
            state.string_value = value

    def figure(self, label: str) -> str:
        """What a figure of the headline shows."""
        (body,) = [
            element.metric.body
            for element in self.elements.values()
            if element.WhichOneof("type") == "metric" and element.metric.label == label
        ]
        return body

    async def shows(self, label: str, text: str) -> None:
        """Wait until a figure of the headline has that text."""
        async with asyncio.timeout(PATIENCE):
            while self.figure(label) != text:
                await self.finished(self._runs + 1)

    def drawing(self) -> str:
        """The SVG of the layer graph."""
        (data,) = [
            json.loads(element.bidi_component.json)
            for element in self.elements.values()
            if element.WhichOneof("type") == "bidi_component"
            and element.bidi_component.component_name == "cnnviz_graph"
        ]
        return data["svg"]

    async def send(self, fragment: str = "") -> None:
        """Ask for a rerun of the page, or of one fragment when its timer is due."""
        message = BackMsg()
        wanted = message.rerun_script
        wanted.query_string, wanted.page_script_hash = self._query, self._script
        wanted.page_name = "" if self._script else self._page
        wanted.fragment_id, wanted.is_auto_rerun = fragment, bool(fragment)
        wanted.widget_states.widgets.extend(self._states.values())
        oldest = self._runs - CACHED_RUNS
        here = [name for name, (run, _) in self._large.items() if run >= oldest]
        wanted.cached_message_hashes.extend(here)
        wanted.context_info.locale = "en-US"
        await self._socket.send(message.SerializeToString())

    async def finished(self, runs: int) -> None:
        """Wait until the screen has followed that many runs in all.

        Raises:
            Broken: it shows an exception, or the server has closed the connection.
        """

        def there() -> bool:
            return self._runs >= runs or self._end is not None

        async with self._finished, asyncio.timeout(PATIENCE):
            await self._finished.wait_for(there)
        if self._runs < runs:
            raise Broken(self._end)
        for element in self.elements.values():
            if element.WhichOneof("type") == "exception":
                raise Broken(f"{element.exception.type}: {element.exception.message}")

    async def _rerun(self) -> float:
        begin, runs = time.perf_counter(), self._runs
        await self.send()
        await self.finished(runs + 1)
        return time.perf_counter() - begin

    def _widget(self, knob: str) -> tuple[str, str]:
        held = [(kind, name) for kind, name in self._widgets() if kind != "button"]
        (found,) = [(kind, name) for kind, name in held if f".{knob}." in name]
        return found

    async def read(self) -> None:
        """Follow what the server sends until it closes."""
        try:
            async for data in self._socket:
                self.received += len(data)
                message = ForwardMsg()
                message.ParseFromString(data)
                await self._follow(message)
            self._end = "the server has closed the connection"
        except Exception as error:
            self._end = f"{type(error).__name__}: {error}"
        finally:
            self.stop()
            async with self._finished:
                self._finished.notify_all()

    async def _follow(self, message: ForwardMsg) -> None:
        if message.ref_hash:
            place = list(message.metadata.delta_path)
            message = self._large[message.ref_hash][1]
            message.metadata.delta_path[:] = place
        if message.metadata.cacheable:
            self._large[message.hash] = self._runs, message
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._script = message.new_session.page_script_hash
            self._seen.clear()
            if not message.metadata.run.fragment_ids:
                self.stop()
        elif kind == "navigation":
            self._script = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            place = tuple(message.metadata.delta_path)
            self._seen.add(place)
            self.elements[place] = message.delta.new_element
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            fragment = message.auto_rerun.fragment_id
            if fragment not in self._timers:
                timer = self._look_after(fragment, message.auto_rerun.interval)
                self._timers[fragment] = asyncio.create_task(timer)
        elif kind == "stop_auto_rerun":
            self.stop()
        elif kind == "script_finished" and message.script_finished == DONE:
            await self._finish()

    async def _finish(self) -> None:
        """A run of the whole page is over: what it did not draw is gone."""
        self.elements = {place: self.elements[place] for place in self._seen}
        there = {element_id for _, element_id in self._widgets()}
        self._states = {name: state for name, state in self._states.items() if name in there}
        self._runs += 1
        oldest = self._runs - KEPT_RUNS
        self._large = {name: kept for name, kept in self._large.items() if kept[0] >= oldest}
        async with self._finished:
            self._finished.notify_all()

    def _widgets(self) -> Iterator[tuple[str, str]]:
        for element in self.elements.values():
            kind = element.WhichOneof("type")
            if kind in ("slider", "number_input", "selectbox", "button"):
                yield kind, getattr(element, kind).id

    async def _look_after(self, fragment: str, interval: float) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await self.send(fragment)

    def stop(self) -> None:
        """End the timers."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


@asynccontextmanager
async def tab(url: str, path: str = "", **options):
    """A tab with a page, such as "?preset=lenet-5", that is still to be opened.

    Args:
        options: of the connection, such as a proxy's login.
    """
    parts = urlsplit(url)
    address = f"{parts.scheme.replace('http', 'ws')}://{parts.netloc}/_stcore/stream"
    usual = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None}
    usual["max_queue"] = None  # like a browser, it takes whatever comes
    async with connect(address, **usual | options) as socket:
        visit = Tab(socket, path)
        visit.reader = asyncio.create_task(visit.read())
        try:
            yield visit
        finally:
            visit.stop()
            visit.reader.cancel()
