"""Python source with what is known written in: `spec.stem == "cifar"` decided, its branch kept.

Texts are replaced in place, so that comments and layout stay.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

_OPERATORS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}


_UNKNOWN = object()


class _Unknown(Exception):
    """An expression whose value is only known when it runs."""


class Folding:
    """One source, and what is known of it.

    Args:
        known: values by expression: {"spec.stem": "cifar"}.
        tables: literal dictionaries by name; a lookup with a known key becomes its plain value.
    """

    def __init__(
        self, source: str, known: Mapping[str, Any], tables: Mapping[str, ast.Dict] | None = None
    ):
        self._source = source.encode()  # positions in a tree count bytes
        self._known = known
        self._tables = tables or {}
        self._lines = [0]
        for line in self._source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def text(self, node: ast.AST) -> str:
        """The source of a node, folded, with its decorators and the comments above it."""
        start, end = self._span(node)
        end = self._end_of_line(end)
        line = self._line_of(start)
        while line > 0 and self._source[self._lines[line - 1] :].lstrip().startswith(b"#"):
            line -= 1
            start = self._lines[line]
        return (
            self._source[start : self._span(node)[0]]
            + self._render(node)
            + self._source[self._span(node)[1] : end]
        ).decode()

    def _end_of_line(self, position: int) -> int:
        end = self._source.find(b"\n", position)
        return len(self._source) if end < 0 else end

    def _line_of(self, position: int) -> int:
        return self._source.count(b"\n", 0, position)

    def _span(self, node: Any) -> tuple[int, int]:
        start = self._lines[node.lineno - 1] + node.col_offset
        for decorator in getattr(node, "decorator_list", ()):
            start = min(start, self._span(decorator)[0] - len(b"@"))
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def _render(self, node: ast.AST) -> bytes:
        if isinstance(node, ast.If):
            return self._conditional(node)
        folded = self._folded(node) if isinstance(node, ast.expr) else None
        start, end = self._span(node)
        return self._splice(start, end, node) if folded is None else folded

    def _splice(self, start: int, end: int, *nodes: ast.AST) -> bytes:
        """The source between two positions with the children of nodes folded."""
        pieces, position, skip, done = [], start, False, False
        children = [child for node in nodes for child in _children(node)]
        for child in sorted(children, key=self._span):
            begin, stop = self._span(child)
            if begin < start or done:
                continue
            rendered = b"" if isinstance(child, ast.If) and self._is_empty(child) else None
            rendered = self._render(child) if rendered is None else rendered
            if not skip:
                pieces.append(self._source[position:begin])
            skip = not rendered
            pieces.append(rendered)
            position = stop
            done = isinstance(child, ast.If) and self._returns(child)
        if skip or done:  # nothing stands, or is reached, after the last one
            if skip:
                pieces = pieces[:-2]
            return b"".join(pieces)
        return b"".join([*pieces, self._source[position:end]])

    # statements

    def _arms(self, node: ast.If) -> list[tuple[ast.expr | None, list[ast.stmt], int]]:
        """The arms that may run: test (None: always), body, and where the text before it begins."""
        arms: list[tuple[ast.expr | None, list[ast.stmt], int]] = []
        while True:
            value = self._truth(node.test)
            if value is not False:
                test = None if value is True else node.test
                arms.append((test, node.body, self._span(node.test)[1]))
            if value is True or not node.orelse:
                return arms
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                inner = node.orelse[0]
                start = self._span(inner)[0]
                if self._source[start : start + 4] == b"elif":
                    node = inner
                    continue
            after = self._source.rindex(
                b"else", self._span(node.body[-1])[1], self._span(node.orelse[0])[0]
            )
            arms.append((None, node.orelse, after + len(b"else")))
            return arms

    def _is_empty(self, node: ast.If) -> bool:
        arms = self._arms(node)
        return not arms or (arms[0][0] is None and isinstance(arms[0][1][0], ast.Pass))

    def _returns(self, node: ast.If) -> bool:
        """Whether what follows is never reached, since a kept arm returns in any case."""
        arms = self._arms(node)
        return bool(arms) and arms[0][0] is None and isinstance(arms[0][1][-1], ast.Return)

    def _conditional(self, node: ast.If) -> bytes:
        arms = self._arms(node)
        if arms[0][0] is None:  # always
            always = arms[0][1]
            start, end = self._span(always[0])[0], self._span(always[-1])[1]
            kept = self._splice(start, end, ast.Module(always, []))
            return kept.replace(b"\n    ", b"\n")
        indent = b"\n" + b" " * node.col_offset
        pieces = []
        for number, (test, body, start) in enumerate(arms):
            inner = self._splice(start, self._span(body[-1])[1], ast.Module(body, []))
            if test is None:
                pieces.append(indent + b"else" + inner)
            else:
                word = indent + b"elif " if number else b"if "
                pieces.append(word + self._render(test) + inner)
        return b"".join(pieces)

    # expressions

    def _folded(self, node: ast.expr) -> bytes | None:
        """What replaces an expression; None where it stays."""
        if isinstance(node, ast.IfExp):
            value = self._truth(node.test)
            return None if value is None else self._render(node.body if value else node.orelse)
        if isinstance(node, ast.BoolOp):
            return self._bool(node)
        if isinstance(node, ast.Subscript):
            found = self._looked_up(node)
            return ast.unparse(found).encode() if found else None
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            return None
        if isinstance(node, ast.Attribute | ast.Compare | ast.UnaryOp | ast.Name):
            with suppress(_Unknown):
                return repr(self._value(node)).replace("'", '"').encode()
        return None

    def _bool(self, node: ast.BoolOp) -> bytes | None:
        """`a and b` without the parts that are known."""
        decisive = isinstance(node.op, ast.Or)  # True decides an or, False an and
        left = []
        for part in node.values:
            value = self._truth(part)
            if value is decisive:
                return repr(decisive).encode()
            if value is None:
                left.append(part)
        if len(left) == len(node.values):
            return None
        word = b" or " if decisive else b" and "
        return word.join(map(self._render, left)) or repr(not decisive).encode()

    def _truth(self, node: ast.expr) -> bool | None:
        try:
            return bool(self._value(node))
        except _Unknown:
            return None

    def _value(self, node: ast.expr) -> Any:
        """The value of an expression.

        Raises:
            _Unknown: it depends on more than what is known.
        """
        value = _UNKNOWN
        match node:
            case ast.Constant(value=value):
                pass
            case ast.Attribute() | ast.Name():
                value = self._known.get(ast.unparse(node), _UNKNOWN)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                value = tuple(map(self._value, parts))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                value = not self._value(operand)
            case ast.BoolOp():
                value = self._bool_value(node)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                if operate := _OPERATORS.get(type(operator)):
                    value = operate(self._value(left), self._value(right))
        if value is _UNKNOWN:
            raise _Unknown
        return value

    def _bool_value(self, node: ast.BoolOp) -> bool:
        decisive = isinstance(node.op, ast.Or)
        values = [self._truth(part) for part in node.values]
        if decisive in values:
            return decisive
        if None in values:
            raise _Unknown
        return not decisive

    def _looked_up(self, node: ast.Subscript) -> ast.expr | None:
        """The plain entry of a table under a known key."""
        table = self._tables.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if table is None:
            return None
        try:
            key = self._value(node.slice)
        except _Unknown:
            return None
        for name, entry in zip(table.keys, table.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                is_plain = isinstance(entry, ast.Constant | ast.Name | ast.Attribute)
                return entry if is_plain else None
        return None


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nearest nodes inside that have a place in the source."""
    if isinstance(node, ast.JoinedStr):
        return iter(())
    return chain.from_iterable(
        [child] if hasattr(child, "lineno") else _children(child)
        for child in ast.iter_child_nodes(node)
    )
