"""A class at the Architecture page: how long a change takes while others make theirs."""

import asyncio
import itertools

import pytest
from crowd import Student, lesson
from servers import STREAMLIT, Server, in_a_loop_of_its_own
from tab import tab

import cnnviz
from cnnviz.numbers import short
from cnnviz.render.diagram import draw

PLAIN = ("-m", "tests.load.plain")
STUDENTS = 30
EVERY = 5.0  # seconds between two changes of one student
LASTS = 40.0  # seconds
FEW = (12, 16, 24, 32)  # growth rates that everybody asks for


def test_three_tabs_show_what_each_of_them_asks_for(server):
    """That the client of the load tests sees what a browser sees."""

    async def visit(growth_rate: int) -> None:
        spec = cnnviz.spec("densenet-121", growth_rate=growth_rate)
        async with tab(server, "?preset=densenet-121") as one:
            await one.open()
            before = one.figure("Parameters")
            assert before == short(cnnviz.analyze(cnnviz.spec("densenet-121")).params)
            await one.turn("growth_rate", growth_rate)
            await one.shows("Parameters", short(cnnviz.analyze(spec).params))
            assert one.drawing() == draw(cnnviz.analyze(spec))
            await one.turn("growth_rate", 32)
            await one.shows("Parameters", before)

    async def visits() -> None:
        await asyncio.gather(*map(visit, (12, 13, 14)))

    in_a_loop_of_its_own(visits())


def cached(student: int) -> Student:
    """One of a class that looks at the same few networks."""
    return Student("?preset=densenet-121", "growth_rate", itertools.cycle(FEW))


def distinct(student: int) -> Student:
    """One of a class in which no two look at the same network, and no one twice."""
    path = f"?preset=densenet-121&num_classes={1001 + student}"
    return Student(path, "growth_rate", itertools.chain(range(4, 32), range(33, 65)))


async def warm(url: str) -> None:
    async with tab(url, "?preset=densenet-121") as one:
        await one.open()
        for growth_rate in FEW:
            await one.turn("growth_rate", growth_rate)


@pytest.mark.load
@pytest.mark.parametrize(("student", "most"), [(cached, 0.5), (distinct, 2.0)])
def test_thirty_students_and_streamlit_s_defaults(student, most, capsys):
    tallies = {}
    for name, program in (("cnnviz", STREAMLIT), ("Streamlit's defaults", PLAIN)):
        with Server(program=program) as app:
            in_a_loop_of_its_own(warm(app.address))
            before = app.memory()
            students = [student(number) for number in range(STUDENTS)]
            tallies[name] = in_a_loop_of_its_own(
                lesson(app.address, students, every=EVERY, lasts=LASTS)
            )
            grown = (app.memory() - before) / 1e6
        with capsys.disabled():
            print(f"\n{student.__name__:9} {name:21} {tallies[name]}, memory {grown:+.0f} MB")
    ours = tallies["cnnviz"]
    assert not ours.errors
    assert ours.percentile(95) < most
