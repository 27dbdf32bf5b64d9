"""The answers of a class, counted, and as a table to take away."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from io import StringIO
from itertools import pairwise

import numpy as np

from cnnviz.classes.classroom import Member
from cnnviz.classes.question import Question
from cnnviz.text import Text

_DISTINCT = 10  # numbers that have a bar each
_BINS = 10
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to compute


def tally(question: Question, answers: Iterable[float]) -> list[tuple[Text, int]]:
    """How often each choice, number or range of numbers was given.

    Up to ten different numbers are counted one by one, more of them in ten equal ranges, of which
    each but the last is without its upper end.
    """
    counts = Counter(answers)
    if question.kind == "choice":
        return [(choice, counts[at]) for at, choice in enumerate(question.choices)]
    if len(counts) <= _DISTINCT:
        return [(_both(f"{number:.10g}"), counts[number]) for number in sorted(counts)]
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
            chosen = question.choices[int(answer)](language) if question.choices else answer
            text = question.text(language)
            write([number, _cell(text), member.number, _cell(member.name), _cell(chosen)])
    return out.getvalue()


def _cell(content: str | float) -> str | float:
    if isinstance(content, str) and content.startswith(_FORMULA):
        return f"'{content}"
    return content
