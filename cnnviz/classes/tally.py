"""The answers of a class, counted, and as a table to take away."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from io import StringIO
from itertools import pairwise

import numpy as np

from cnnviz.classes.classroom import Member
from cnnviz.classes.question import Question
from cnnviz.text import Text, as_cell

_DIGITS = 10  # of a number in its label; those that agree in them are counted as one
_DISTINCT = 10  # numbers that have a bar each
_BINS = 10


def tally(question: Question, answers: Iterable[float]) -> list[tuple[Text, int]]:
    """How often each choice, number or range of numbers was given.

    Up to ten different numbers are counted one by one, more of them in ten equal ranges, of which
    each but the last is without its upper end.
    """
    if question.kind == "choice":
        chosen = Counter(answers)
        return [(choice, chosen[at]) for at, choice in enumerate(question.choices)]
    counts = Counter(float(f"{number:.{_DIGITS}g}") for number in answers)
    if len(counts) <= _DISTINCT:
        return [(_both(f"{number:.{_DIGITS}g}"), counts[number]) for number in sorted(counts)]
    heights, edges = np.histogram(np.array(list(counts.elements())), bins=_BINS)
    labels = [_both(f"{low:.4g} – {high:.4g}") for low, high in pairwise(edges)]
    return list(zip(labels, map(int, heights), strict=True))


def _both(text: str) -> Text:
    return Text(text, text)


def table(questions: Mapping[int, Question], members: Iterable[Member], language: str) -> str:
    """All answers as CSV, one a row, and no cell that a spreadsheet takes for a formula."""
    out = StringIO()
    write = csv.writer(out).writerow
    write(["question", "text", "student", "name", "answer"])
    for member in members:
        for number, answer in sorted(member.answers.items()):
            question = questions[number]
            chosen = question.choices[int(answer)](language) if question.choices else f"{answer}"
            text, name, given = map(as_cell, (question.text(language), member.name, chosen))
            write([number, text, member.number, name, given])
    return out.getvalue()
