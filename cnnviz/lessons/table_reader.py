"""Tables of a file, read and checked: every fault is kept, with the place where it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from cnnviz.knobs import Problem, SpecError
from cnnviz.text import Text, nearest

_MOST = 40  # steps, options, stops …
_NOTHING = Text("–", "–")

MISSING = Text("{key} is missing; write it.", "缺少 {key}，请补上。")
UNKNOWN = Text(
    "{key} is not known here; the nearest are {close}.", "此处没有 {key}；最接近的有 {close}。"
)
NOT_ONE = Text(
    "{key} {value!r} does not exist; the nearest are {close}.",
    "{key} {value!r} 不存在；最接近的有 {close}。",
)
_TYPE = Text("{key} is {value}; it must be {rule}.", "{key} 为 {value}；应为：{rule}。")
_BOTH = Text("text in both languages, {{ en = …, zh = … }}", "两种语言的文字 {{ en = …, zh = … }}")
_WORD = Text("a text", "一段文字")
WORDS = Text("a list of 1 to {most} texts", "1 到 {most} 个文字的列表")
TABLES = Text("a list of 1 to {most} tables", "1 到 {most} 个表的列表")
TABLE = Text("a table", "一个表")

Read = TypeVar("Read")


class TableReader:
    """Reads tables and keeps what is wrong with them; a fault has a stand-in as its value.

    Args:
        name: of the file, without its ending.

    Its `place` says where in the file the reader is, for the sentences.
    """

    def __init__(self, name: str):
        self.name = name
        self.problems: list[Problem] = []
        self.place = ""

    def attempt(self, make: Callable[[Any], Read], value: Any) -> Read | None:
        """What `make` makes of a value; None where it refuses, and its sentences are kept."""
        try:
            return make(value)
        except SpecError as error:
            for problem in error.problems:
                self.refuse(problem.message)
            return None

    def text(self, table: Mapping[str, Any], key: str) -> Text:
        """A text in both languages, which has to be there."""
        if key not in table:
            self.refuse(MISSING, key=key)
            return _NOTHING
        return self.both(table[key], key)

    def both(self, value: Any, key: str) -> Text:
        """A value as a text in both languages."""
        is_both = isinstance(value, dict) and value.keys() == {"en", "zh"}
        if is_both and all(isinstance(text, str) and text.strip() for text in value.values()):
            return Text(**value)
        self.wrong(key, value, _BOTH.format())
        return _NOTHING

    def word(self, table: Mapping[str, Any], key: str, *, needed: bool = True) -> str:
        """A single text; "" where there is none."""
        value: object = table.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, value, _WORD)
            return ""
        if needed and not value:
            self.refuse(MISSING, key=key)
        return value

    def one_of(
        self, table: Mapping[str, Any], key: str, known: Mapping[str, Any], *, needed: bool = False
    ) -> str:
        """One of the known names; "" where there is none."""
        value = self.word(table, key, needed=needed)
        if value and value not in known:
            self.refuse(NOT_ONE, key=key, value=value[:60], close=nearest(value, known))
            return ""
        return value

    def words(self, table: Mapping[str, Any], key: str, *, needed: bool = False) -> list[str]:
        """A list of texts; [] where there is none."""
        if key not in table and not needed:
            return []
        values = self.items(table, key, WORDS)
        for value in values:
            if not isinstance(value, str):
                self.wrong(key, value, _WORD)
        return [value for value in values if isinstance(value, str)]

    def items(self, table: Mapping[str, Any], key: str, rule: Text) -> list[Any]:
        """A list that has to be there, with at least one item."""
        value = table.get(key)
        if value is None:
            self.refuse(MISSING, key=key)
        elif not isinstance(value, list) or not 1 <= len(value) <= _MOST:
            self.wrong(key, value, rule.format(most=_MOST))
        else:
            return value
        return []

    def table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """A table in the table; {} where there is none."""
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, value, TABLE)
        return {}

    def known(self, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Refuse keys that mean nothing here."""
        for key in table:
            if key not in keys:
                self.refuse(UNKNOWN, key=key, close=nearest(key, keys))

    def wrong(self, key: str, value: object, rule: Text) -> None:
        """Keep the sentence of a value that should be something else."""
        given = repr(value)
        excerpt = given if len(given) <= 60 else f"{given[:57]}…"
        self.refuse(_TYPE, key=key, value=excerpt, rule=rule)

    def refuse(self, message: Text, **values: object) -> None:
        """Keep a sentence, after the place where the reader is."""
        place = f"{self.name}.toml, {self.place}" if self.place else f"{self.name}.toml"
        said = message.format(**values) if values else message
        where = Text(f"{place}: {said.en}", f"{place}：{said.zh}")
        self.problems.append(Problem("lesson", where, where))
