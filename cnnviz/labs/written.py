"""Knobs whose value is written: a matrix of numbers, a sentence.

A value is kept in one form that fits into an address: the matrix "0,1,2_3,4,5" has two rows. It is
read from what somebody types, a row a line and spaces between the numbers.
"""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from cnnviz.knobs import Knob, SpecError, Value
from cnnviz.text import Text

_NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)
_NOTHING = Text("", "")


class Form(Protocol):
    """How a written value looks."""

    @property
    def rule(self) -> Text:
        """Accepted values as the end of a sentence."""

    @property
    def lines(self) -> int:
        """Lines that the widget shows."""

    @property
    def extremes(self) -> tuple[str, ...]:
        """The smallest and the largest value."""

    def read(self, text: str) -> str | Text:
        """The value as it is kept, or a sentence on what is wrong with it."""

    def typed(self, value: str) -> str:
        """The value as somebody would type it."""


@dataclass(frozen=True)
class Matrix:
    """Rows of numbers, all equally long.

    Args:
        rows, columns: how many there may be.
        bounds: of each number.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    bounds: tuple[float, float] = (-999, 999)

    @property
    def rule(self) -> Text:
        low, high = self.bounds
        rows, columns = (
            Text(f"{few} to {many}", f"{few} 到 {many}")
            if few != many
            else Text(f"{few}", f"{few}")
            for few, many in (self.rows, self.columns)
        )
        return Text(
            f"{rows.en} equally long rows of {columns.en} numbers from {low:g} to {high:g}, a row "
            "a line, with spaces between the numbers",
            f"{rows.zh} 行、每行 {columns.zh} 个数（各行个数相同），每个数在 {low:g} 到 {high:g} "
            "之间；一行一行地写，数之间用空格分开",
        )

    @property
    def lines(self) -> int:
        return self.rows[1]

    @property
    def extremes(self) -> tuple[str, ...]:
        small = "_".join([",".join(["1"] * self.columns[0])] * self.rows[0])
        large = "_".join([",".join([f"{self.bounds[1]:g}"] * self.columns[1])] * self.rows[1])
        return small, large

    def read(self, text: str) -> str | Text:
        plain = text.strip().replace("\N{MINUS SIGN}", "-")
        lines = [line for line in re.split(r"[\n_;；]+", plain) if line.strip(" ,，\t")]
        rows = [re.split(r"[\s,，]+", line.strip(" ,，\t")) for line in lines]
        if not self.rows[0] <= len(rows) <= self.rows[1]:
            found = "row" if len(rows) == 1 else "rows"
            return Text(f" It has {len(rows)} {found}.", f"现有 {len(rows)} 行。")
        for at, row in enumerate(rows, start=1):
            if problem := self._row_problem(at, row, len(rows[0])):
                return problem
        return "_".join(",".join(_plain(number) for number in row) for row in rows)

    def _row_problem(self, at: int, row: list[str], length: int) -> Text | None:
        for column, number in enumerate(row, start=1):
            low, high = self.bounds
            if not _NUMBER.fullmatch(number) or not low <= float(number) <= high:
                message = Text(
                    " Row {row}, column {column} is {number!r}.",
                    "第 {row} 行第 {column} 列是 {number!r}。",
                )
                return message.format(row=at, column=column, number=number[:20])
        if len(row) != length or not self.columns[0] <= length <= self.columns[1]:
            count, found = len(row), "number" if len(row) == 1 else "numbers"
            return Text(f" Row {at} has {count} {found}.", f"第 {at} 行有 {count} 个数。")
        return None

    def typed(self, value: str) -> str:
        return value.replace(",", " ").replace("_", "\n")


@dataclass(frozen=True)
class Words:
    """Words in a row; a text without spaces is taken sign by sign, as Chinese is written."""

    count: tuple[int, int]

    @property
    def rule(self) -> Text:
        few, many = self.count
        return Text(
            f"{few} to {many} words of at most 20 letters, with spaces between them",
            f"{few} 到 {many} 个词，每个词不超过 20 个字符，词之间用空格分开",
        )

    @property
    def lines(self) -> int:
        return 2

    @property
    def extremes(self) -> tuple[str, ...]:
        return " ".join(["a"] * self.count[0]), " ".join(["word"] * self.count[1])

    def read(self, text: str) -> str | Text:
        words = text.split()
        if len(words) == 1 and re.search("[\u3400-\u9fff]", words[0]):
            words = list(words[0])
        if not self.count[0] <= len(words) <= self.count[1]:
            return Text(" It has {count} word{count:|s}.", "现有 {count} 个词。").format(
                count=len(words)
            )
        long = [word for word in words if len(word) > 20]
        if long:
            return Text(" {word!r} is longer.", "{word!r} 太长。").format(word=long[0][:30])
        return " ".join(words)

    def typed(self, value: str) -> str:
        return value


@dataclass(frozen=True, kw_only=True)
class WrittenKnob(Knob):
    """A knob whose value is a text of some form.

    Args:
        form: how it is written.
    """

    form: Form

    @property
    def extremes(self) -> tuple[Value, ...]:
        return self.form.extremes

    def _rule(self, name: Callable[[Value], Text | str]) -> Text:
        return self.form.rule

    def accept(self, value: Any) -> Value:
        if not isinstance(value, str):
            raise SpecError([self.problem(value)])
        read = self.form.read(value)
        if isinstance(read, Text):
            raise SpecError([self.problem(value, read)])
        return read


def written(default: str, label: Text, help: Text, *, form: Form, **settings: Any) -> Any:
    """Declare a written knob; `settings` are the other fields of `Knob`."""
    metadata = {"kind": WrittenKnob, "label": label, "help": help, "form": form, **settings}
    return dataclasses.field(default=default, metadata=metadata)


@cache
def _array(value: str) -> np.ndarray:
    array = np.array([[float(number) for number in row.split(",")] for row in value.split("_")])
    array.flags.writeable = False
    return array


def matrix(value: str) -> np.ndarray:
    """The matrix that a written value holds, float64 (rows, columns), not to be written to."""
    return _array(value)


def flat(array: np.ndarray) -> str:
    """A matrix as a written value."""
    return "_".join(",".join(_plain(f"{number:.6f}") for number in row) for row in array)


def _plain(number: str) -> str:
    """A number without idle zeros: "01.50" -> "1.5", "-0" -> "0"."""
    text = f"{float(number):.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
