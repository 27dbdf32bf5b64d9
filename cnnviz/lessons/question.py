"""A question with its computed answer, and what a class and its pages need: `check`."""

import re
from dataclasses import dataclass

from cnnviz.numbers import few_digits
from cnnviz.text import Text

_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "万": 1e4, "亿": 1e8}
_NUMBER = re.compile(
    r"([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,15})?)\s*([kmgt万亿]?)"
)
_LONGEST = 60  # characters of an answer in a sentence
_NO_NUMBER = Text(
    "{given!r} is not a number. Write it like 7,978,856 or 7.98 M.",
    "{given!r} 不是数字。请写成 7,978,856 或 7.98 M 的形式。",
)
_NO_NUMBER_OF = Text(
    "{given!r} is not a number of {unit}. Write the number alone, like 28.6.",
    "{given!r} 不是以{unit}为单位的数字。请只写数字，如 28.6。",
)
_NO_OPTION = Text(
    "Answer {given!r} is not one of the {count} options; choose one of them.",
    "答案 {given!r} 不在 {count} 个选项之中；请选择其一。",
)
_RIGHT, _CLOSE = (
    Text("Right: {answer}.", "正确：{answer}。"),
    Text("Right. Exactly, it is {answer}.", "正确。准确值为 {answer}。"),
)
_HIGH = Text("{given} is too large. Try again.", "{given} 偏大，请再试一次。")
_LOW = Text("{given} is too small. Try again.", "{given} 偏小，请再试一次。")
_OTHER = Text("It is not {given}. Try again.", "不是 {given}，请再试一次。")


@dataclass(frozen=True)
class Answer:
    """What somebody answers to a step of a lesson, as it was typed.

    Args:
        answer: the text of a number, or the number of an option, from 0 on, as text.
        seed: of the lesson's questions; predictions are the same for every seed.
    """

    lesson: str
    step: str
    answer: str
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about a network that is built; nothing of it is typed but its sentences.

    Args:
        answer: the number; of options, the position of the right one.
        unit: what is counted, where the prompt asks for something else than a plain number.
        tolerance: share of the answer by which another number may differ and still be right.
        options: to choose from; without any, a number is asked for.
        hints: from the first nudge to the whole way.
        arithmetic: how the answer comes about, line by line.
        address: where it can be seen, relative to a page.
    """

    prompt: Text
    answer: float
    unit: Text = Text("", "")
    tolerance: float = 0.0
    options: tuple[Text, ...] = ()
    hints: tuple[Text, ...]
    arithmetic: tuple[Text, ...]
    address: str

    @property
    def shown(self) -> Text:
        """The answer for a reader: "7,978,856", "28.6 MB" or the right option."""
        if self.options:
            return self.options[int(self.answer)]
        return _with_unit(_written(self.answer), self.unit)


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Args:
        is_right: None where the answer could not be read.
    """

    is_right: bool | None
    said: Text


def check(question: Question, answer: str) -> Verdict:
    """Judge an answer: a number as it was typed, or the number of an option, from 0 on."""
    given = answer.strip()
    excerpt = given if len(given) <= _LONGEST else f"{given[: _LONGEST - 1]}…"
    if question.options:
        return _check_option(question, given, excerpt)
    value = _number(given, question.unit)
    if value is None:
        message = _NO_NUMBER_OF if any(question.unit) else _NO_NUMBER
        return Verdict(None, message.format(given=excerpt, unit=question.unit))
    difference = value - question.answer
    if abs(difference) <= question.tolerance * abs(question.answer):
        exact = _written(value) == _written(question.answer)
        return Verdict(True, (_RIGHT if exact else _CLOSE).format(answer=question.shown))
    said = _with_unit(_written(value), question.unit)
    return Verdict(False, (_HIGH if difference > 0 else _LOW).format(given=said))


def _check_option(question: Question, given: str, excerpt: str) -> Verdict:
    count = len(question.options)
    if not (re.fullmatch(r"\d{1,3}", given, re.ASCII) and int(given) < count):
        return Verdict(None, _NO_OPTION.format(given=excerpt, count=count))
    chosen = question.options[int(given)]
    if int(given) == question.answer:
        return Verdict(True, _RIGHT.format(answer=chosen))
    return Verdict(False, _OTHER.format(given=chosen))


def _number(text: str, unit: Text) -> float | None:
    """The number of "7,978,856", "7.98 M" or "28.6 MB"; None if it is none.

    A suffix such as M counts where no unit is asked for; 28.6 M is no number of MB.
    """
    plain = text.replace("−", "-").replace("，", ",").casefold()
    for name in unit:
        plain = plain.removesuffix(name.casefold()).strip()
    found = _NUMBER.fullmatch(plain)
    if found is None or (found[2] and any(unit)):
        return None
    return float(found[1].replace(",", "")) * _SUFFIXES[found[2]]


def _written(value: float) -> str:
    """A whole number in full, another in four digits."""
    return f"{value:,.0f}".replace("-", "−") if value == round(value) else few_digits(value)


def _with_unit(number: str, unit: Text) -> Text:
    return Text(*(f"{number} {name}".strip() for name in unit))
