"""What a class and strangers do to a server: all at once, on and off, too fast, not at all."""

import asyncio
import itertools
import os
import signal
import time
from contextlib import AsyncExitStack, contextmanager

import psutil
import pytest
from crowd import Tally, lesson, opened
from servers import Server, in_a_loop_of_its_own
from tab import tab
from test_class import EVERY, FEW, STUDENTS, cached, warm
from training_requests import request
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import cnnviz
from cnnviz.numbers import short
from cnnviz.training.state import JobState
from cnnviz.training.store import Store

AFTERNOON = float(os.environ.get("LOAD_SECONDS", "600"))  # seconds
PAGE = "?preset=densenet-121"


@contextmanager
def shown_by(capsys):
    """Print what a scenario measured, whatever pytest captures."""
    with capsys.disabled():
        print()
        yield print


def answer(app: Server, name: str, origin: str | None = None) -> int:
    """The status of a websocket's handshake with the server under a name: 101 if it is open."""
    address = f"ws://{name}:{app.port}/_stcore/stream"
    options = {"host": "127.0.0.1", "origin": origin, "subprotocols": ["streamlit"]}

    async def ask() -> int:
        try:
            async with connect(address, **options):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    return in_a_loop_of_its_own(ask())


@pytest.mark.sweep
def test_pages_of_other_sites_and_other_names_of_the_server_are_refused():
    with Server("--server.allowedHosts", "lab.example") as app:
        own = f"http://lab.example:{app.port}"
        assert answer(app, "lab.example") == 101
        assert answer(app, "lab.example", own) == 101
        assert answer(app, "lab.example", "http://evil.example") == 403
        assert answer(app, "127.0.0.1", own) == 403


@pytest.mark.load
def test_a_hundred_sessions_at_once(capsys):
    async def visit(url: str) -> tuple[Tally, Tally]:
        arrivals, changes = Tally(), Tally()
        async with AsyncExitStack() as stack:
            tabs = await opened(stack, url, [PAGE] * 100, arrivals)
            await asyncio.gather(
                *(
                    changes.take(one.turn("growth_rate", FEW[number % 3]))
                    for number, one in enumerate(tabs)
                )
            )
        return arrivals, changes

    with Server() as app:
        in_a_loop_of_its_own(warm(app.address))
        arrivals, changes = in_a_loop_of_its_own(visit(app.address))
    with shown_by(capsys) as say:
        say(f"100 arrivals at once {arrivals}")
        say(f"100 changes at once  {changes}")
    assert not arrivals.errors + changes.errors
    assert changes.percentile(95) < 6


@pytest.mark.load
def test_an_afternoon_with_two_trainings(tmp_path, capsys):
    environment = {"CNNVIZ_DATA": str(tmp_path), "CNNVIZ_DISPATCHER": "app"}
    with Server(**environment) as app:
        in_a_loop_of_its_own(warm(app.address))
        store = Store(tmp_path / "jobs.db")
        jobs = [
            store.submit(
                request("resnet-20", epochs=200, time_limit=3600, seed=seed),
                key=str(seed),
                owner="a",
            )
            for seed in (1, 2)
        ]
        students = [cached(number) for number in range(STUDENTS)]
        settled = in_a_loop_of_its_own(lesson(app.address, students, every=EVERY, lasts=60))
        before = app.memory()
        tally = in_a_loop_of_its_own(lesson(app.address, students, every=EVERY, lasts=AFTERNOON))
        grown = (app.memory() - before) / 1e6
        states = [store.job(job.id).state for job in jobs]
    _end_dispatcher(tmp_path)
    with shown_by(capsys) as say:
        say(f"{AFTERNOON:.0f} s, jobs {states}: {tally}, memory {grown:+.0f} MB")
    assert not settled.errors + tally.errors
    assert states == [JobState.RUNNING, JobState.RUNNING]
    assert tally.percentile(95) < 1
    assert grown < 50


def _end_dispatcher(data) -> None:
    for process in psutil.process_iter(["cmdline"]):
        is_dispatcher = "cnnviz.training.dispatcher" in (process.info["cmdline"] or [])
        if is_dispatcher and process.environ().get("CNNVIZ_DATA") == str(data):
            process.terminate()
            process.wait(30)


@pytest.mark.load
def test_five_hundred_sessions_opened_and_closed(capsys):
    sizes, tally = [], Tally()

    async def visit(url: str) -> None:
        async with AsyncExitStack() as stack:
            await opened(stack, url, [PAGE] * 10, tally)

    with Server("--server.disconnectedSessionTTL", "1") as app:
        in_a_loop_of_its_own(warm(app.address))
        app.settle()  # the reports of all presets take memory, too
        for _ in range(50):
            in_a_loop_of_its_own(visit(app.address))
            sizes.append(app.memory() / 1e6)
    with shown_by(capsys) as say:
        say("500 sessions, MB after each hundred:", *(f"{size:.0f}" for size in sizes[9::10]))
    assert not tally.errors
    assert sizes[-1] - sizes[19] < 20


@pytest.mark.load
def test_sixty_tabs_come_back_to_a_server_that_was_killed(capsys):
    async def visit(url: str) -> Tally:
        tally = Tally()
        async with AsyncExitStack() as stack:
            tabs = await opened(stack, url, [PAGE] * 60, tally)
            assert {one.figure("Parameters") for one in tabs} == {"7.98 M"}
        return tally

    with Server() as app:
        in_a_loop_of_its_own(warm(app.address))
        app.end(signal.SIGKILL)
        app.start()
        tally = in_a_loop_of_its_own(visit(app.address))
    with shown_by(capsys) as say:
        say(f"60 tabs at a cold server {tally}")
    assert not tally.errors


@pytest.mark.load
def test_of_a_drag_the_last_value_is_shown(capsys):
    expected = short(cnnviz.analyze(cnnviz.spec("densenet-121", growth_rate=53)).params)

    async def drag(url: str) -> float:
        async with tab(url, PAGE) as one:
            await one.open()
            for growth_rate in range(4, 54):
                one.hold("growth_rate", growth_rate)
                await one.send()
                await asyncio.sleep(0.04)
            begin = time.perf_counter()
            await one.shows("Parameters", expected)
            shown = time.perf_counter() - begin
            await asyncio.sleep(3)  # whatever came late would be on screen now
            assert one.figure("Parameters") == expected
            return shown

    with Server() as app:
        in_a_loop_of_its_own(warm(app.address))
        shown = in_a_loop_of_its_own(drag(app.address))
    with shown_by(capsys) as say:
        say(f"50 changes in 2 s: the last is shown {shown:.2f} s after it was made")


@pytest.mark.load
def test_a_flood_of_ten_tabs_leaves_others_their_pace(capsys):
    async def flood(url: str, over: asyncio.Event) -> None:
        values = itertools.cycle(FEW)
        async with tab(url, PAGE) as one:
            await one.open()
            while not over.is_set():
                one.hold("growth_rate", next(values))
                await one.send()
                await asyncio.sleep(0.02)

    async def visit(url: str) -> Tally:
        over = asyncio.Event()
        floods = [asyncio.create_task(flood(url, over)) for _ in range(10)]
        tally = await lesson(url, [cached(0), cached(1)], every=1, lasts=40)
        over.set()
        await asyncio.gather(*floods)
        return tally

    with Server() as app:
        in_a_loop_of_its_own(warm(app.address))
        alone = in_a_loop_of_its_own(lesson(app.address, [cached(0), cached(1)], every=1, lasts=10))
        tally = in_a_loop_of_its_own(visit(app.address))
    with shown_by(capsys) as say:
        say(f"alone          {alone}")
        say(f"beside a flood {tally}")
    assert not tally.errors
    assert tally.percentile(95) < 0.6


@pytest.mark.load
def test_a_reader_that_stops_reading_slows_nobody(capsys):
    async def visit(url: str) -> Tally:
        async with tab(url, PAGE, max_queue=1) as stuck:
            await stuck.open()
            stuck.reader.cancel()
            for _ in range(40):  # 40 pages that nobody takes
                await stuck.send()
            students = [cached(number) for number in range(5)]
            return await lesson(url, students, every=2, lasts=20)

    with Server() as app:
        in_a_loop_of_its_own(warm(app.address))
        alone = in_a_loop_of_its_own(
            lesson(app.address, [cached(n) for n in range(5)], every=2, lasts=20)
        )
        before = app.memory()
        tally = in_a_loop_of_its_own(visit(app.address))
        grown = (app.memory() - before) / 1e6
    with shown_by(capsys) as say:
        say(f"alone         {alone}")
        say(f"beside a stop {tally}, memory {grown:+.0f} MB")
    assert not tally.errors
    assert tally.percentile(50) < 2 * alone.percentile(50) + 0.1
    assert grown < 50
