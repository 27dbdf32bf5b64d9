"""A class that answers in the same moment: every answer counts, and nobody waits."""

import asyncio
import hashlib
import hmac
import random
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from crowd import Tally, opened
from servers import Server, in_a_loop_of_its_own

from cnnviz.classes.question import Question
from cnnviz.classes.store import FILE, ClassStore
from cnnviz.classes.tally import tally
from cnnviz.ui.session.owner import COOKIE, signed

STUDENTS = 30
WITHIN = 5.0  # seconds in which all of them answer
SECRET = "a secret of sixteen characters"
OWNERS = [f"{number:032x}" for number in range(STUDENTS)]


def pseudonym(owner: str) -> str:
    text = f"in a class: {owner}".encode()
    return hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()[:32]


async def lesson(url: str, number: int, answers: list[int]) -> Tally:
    """Open a tab for each student, and answer at a time of their own."""
    arrivals, tally = Tally(), Tally()
    loop = asyncio.get_running_loop()
    headers = [
        {"additional_headers": {"Cookie": f"{COOKIE}={signed(owner, SECRET.encode())}"}}
        for owner in OWNERS
    ]
    async with AsyncExitStack() as stack:
        tabs = await opened(stack, url, ["class"] * STUDENTS, arrivals, headers)
        begin = loop.time()

        async def answer(tab, choice: int, after: float) -> None:
            await asyncio.sleep(begin + after - loop.time())
            await tally.take(tab.press(f"class-choice-{number}-{choice}"))

        times = random.Random(1)
        await asyncio.gather(
            *(
                answer(tab, choice, times.uniform(0, WITHIN))
                for tab, choice in zip(tabs, answers, strict=True)
            )
        )
        told = [tab.text() for tab in tabs if "Your answer" not in tab.text()]
        assert told == [], (len(told), tally.errors)
    tally.errors += arrivals.errors
    return tally


@pytest.mark.load
def test_thirty_students_answer_within_five_seconds(tmp_path, capsys):
    store = ClassStore(tmp_path / FILE)
    room = store.open("teacher", "en")
    for owner in OWNERS:
        store.join(room.code, pseudonym(owner))
    question = Question.typed("Which?", "choice", "red\ngreen\nblue\nyellow")
    number = store.ask("teacher", question)
    answers = random.Random(0).choices(range(4), k=STUDENTS)
    with Server(CNNVIZ_DATA=str(tmp_path), CNNVIZ_SECRET=SECRET) as app:
        waits = in_a_loop_of_its_own(lesson(app.address, number, answers))
    with capsys.disabled():
        print(f"\nanswers in a class: {waits}")
    given = [one.answers[number] for one in store.members(room.code)]
    counted = Counter(answers)
    assert [count for _, count in tally(question, given)] == [counted[at] for at in range(4)]
    assert not waits.errors
    assert waits.percentile(95) < 1
