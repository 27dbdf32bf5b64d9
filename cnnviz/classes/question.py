"""A question to a class: a choice, or a number."""

import json
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Literal, get_args

from cnnviz.classes.errors import ClassError
from cnnviz.text import Text, joined

Kind = Literal["choice", "number"]
Answer = int | float  # the number of a choice, from 0, or a number
LONGEST, LONGEST_CHOICE = 500, 120  # characters
CHOICES = (2, 8)
_SHOWN = 60  # characters of what was typed, in a sentence
LARGEST = 1e15  # of a number; further digits would be lost


@dataclass(frozen=True)
class Question:
    """A question as it is kept.

    Args:
        choices: of a choice; a number has none.
        source: where it comes from, such as "experiment:degradation"; "" if a teacher typed it.
        right: the right answer, where one is known.
        tolerance: share of a right number by which another may differ and still be right.
        way: what is told once no more answers are taken, line by line.
    """

    text: Text
    kind: Kind
    choices: tuple[Text, ...] = ()
    source: str = ""
    right: Answer | None = None
    tolerance: float = 0.0
    way: tuple[Text, ...] = ()

    @staticmethod
    def typed(text: str, kind: str, choices: str = "") -> "Question":
        """A question as a teacher types it, its choices one a line; without any: A, B, C, D.

        Raises:
            ClassError: every problem that it has.
        """
        lines = [line.strip() for line in choices.splitlines() if line.strip()]
        if kind == "choice" and not lines:
            lines = list("ABCD")
        text = text.strip()
        problems = [*_of_text(text), *(_of_choices(lines) if kind == "choice" else [])]
        if kind not in get_args(Kind):
            problems.append(_KIND.format(kind=kind[:_SHOWN], known=joined(get_args(Kind))))
        if problems:
            raise ClassError(Text(*(" ".join(parts) for parts in zip(*problems, strict=True))))
        both = tuple(Text(line, line) for line in lines)
        return Question(
            Text(text, text),
            "choice" if kind == "choice" else "number",
            both if kind == "choice" else (),
        )

    def accept(self, answer: object) -> Answer:
        """An answer, whoever sent it.

        Raises:
            ClassError: it is none of the choices, or no number.
        """
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            raise ClassError(_NO_NUMBER.format(answer=str(answer)[:_SHOWN]))
        if self.kind == "choice" and answer in range(len(self.choices)):
            return int(answer)
        is_number = isfinite(answer) if isinstance(answer, float) else True
        if not is_number or abs(answer) > LARGEST:  # as an integer of any length may be
            said = f"{answer}" if isinstance(answer, float) else f"± > {LARGEST:g}"
            raise ClassError(_NO_NUMBER.format(answer=said))
        if self.kind == "choice":
            raise ClassError(_NO_CHOICE.format(answer=answer, most=len(self.choices)))
        return answer

    def is_right(self, answer: Answer) -> bool | None:
        """Whether an answer is right; None where the right one is not known."""
        if self.right is None:
            return None
        return abs(answer - self.right) <= self.tolerance * abs(self.right)

    def shown(self, answer: Answer) -> Text:
        """An answer for a reader."""
        if self.choices:
            return self.choices[int(answer)]
        return Text(f"{answer:.15g}", f"{answer:.15g}")

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> "Question":
        parts = json.loads(text)
        for name in ("choices", "way"):  # a class of an earlier version has no ways
            parts[name] = tuple(Text(*text) for text in parts.get(name, ()))
        return Question(**{**parts, "text": Text(*parts["text"])})


def _of_text(text: str) -> list[Text]:
    if not text:
        return [_EMPTY]
    if len(text) > LONGEST:
        return [_LONG.format(length=len(text), most=LONGEST)]
    return []


def _of_choices(lines: list[str]) -> list[Text]:
    problems = []
    least, most = CHOICES
    if not least <= len(lines) <= most:
        problems.append(_COUNT.format(count=len(lines), least=least, most=most))
    if len(set(lines)) < len(lines):
        twice = next(one for one in lines if lines.count(one) > 1)
        problems.append(_TWICE.format(line=twice[:_SHOWN]))
    long = max(map(len, lines))
    if long > LONGEST_CHOICE:
        problems.append(_LONG_CHOICE.format(length=long, most=LONGEST_CHOICE))
    return problems


_EMPTY = Text("The question is empty. Type one.", "问题为空，请输入问题。")
_LONG = Text(
    "The question has {length} characters, and {most} is the most. Shorten it.",
    "问题有 {length} 个字符，最多 {most} 个，请缩短。",
)
_KIND = Text(
    "{kind!r} is no kind of question; take one of {known}.",
    "没有题型 {kind!r}，请取 {known} 之一。",
)
_COUNT = Text(
    "There are {count} choices; give {least} to {most}, one a line.",
    "选项有 {count} 个，应为 {least} 到 {most} 个，每行一个。",
)
_TWICE = Text(
    "The choice {line!r} is there twice. Change one of them.",
    "选项 {line!r} 重复，请修改其中一个。",
)
_LONG_CHOICE = Text(
    "A choice has {length} characters, and {most} is the most. Shorten it.",
    "有选项长达 {length} 个字符，最多 {most} 个，请缩短。",
)
_NO_NUMBER = Text(
    "{answer} is no number from −10¹⁵ to 10¹⁵. Type one.",
    "{answer} 不是 −10¹⁵ 到 10¹⁵ 之间的数，请输入一个数。",
)
_NO_CHOICE = Text(
    "There is no choice {answer}; choices are numbered from 0, and there are {most}.",
    "没有选项 {answer}；选项从 0 编号，共 {most} 个。",
)
