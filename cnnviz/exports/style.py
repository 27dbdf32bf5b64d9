"""How a picture, table or report is made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cnnviz.analysis.counting.conventions import CONVENTIONS
from cnnviz.analysis.graph import open_to_depth
from cnnviz.analysis.report import Report
from cnnviz.exports.errors import ExportError
from cnnviz.render.colouring import COLOURINGS
from cnnviz.text import LANGUAGES, Text

WIDTHS = (100, 8000)  # px


@dataclass(frozen=True)
class Theme:
    """Colours of the ground, and of what is written and drawn on it."""

    ground: str
    ink: str
    line: str


THEMES = {
    "light": Theme("#FFFFFF", "#111827", "#4B5563"),
    "dark": Theme("#0E1117", "#FAFAFA", "#D1D5DB"),
}


@dataclass(frozen=True)
class Style:
    """How a picture or report is made.

    Args:
        depth: levels of blocks to show, as `draw` counts them.
        opened: blocks that are unfolded, in place of a depth.
        language: "en" or "zh".
        theme: "light" or "dark".
        width: of the picture in px; None for its own.
        counting: what an operation is.
        colour_by: what the colour of a node says, in a report at first; see `Colouring`.
        milliseconds: of each op, where the colour is its time.
        legend: whether the colours are explained and the picture has a caption.
    """

    depth: int = 1
    opened: frozenset[str] | None = None
    language: str = "en"
    theme: str = "light"
    width: int | None = None
    counting: str = "macs"
    colour_by: str = COLOURINGS[0]
    milliseconds: tuple[float, ...] = ()
    legend: bool = True

    def scopes(self, report: Report) -> frozenset[str]:
        """The blocks of a report that are unfolded."""
        return open_to_depth(report, self.depth) if self.opened is None else self.opened


def checked(**values: Any) -> Style:
    """The style of these values.

    Raises:
        ExportError: with a sentence for each that cannot be.
    """
    problems = [sentence for name, value in values.items() if (sentence := _problem(name, value))]
    if problems:
        raise ExportError(Text(*("\n".join(texts) for texts in zip(*problems, strict=True))))
    return Style(**values)


def _problem(name: str, value: Any) -> Text | None:
    choices: dict[str, Iterable[str]] = {
        "language": LANGUAGES,
        "theme": THEMES,
        "counting": CONVENTIONS,
        "colour_by": COLOURINGS,
    }
    bounds = {"depth": (1, 99), "width": WIDTHS}
    if name in choices and value not in list(choices[name]):
        message = Text(
            "{name} is {value}; there are {known}.", "{name} 为 {value}；可用的有 {known}。"
        )
        return message.format(name=name, value=value, known=", ".join(choices[name]))
    if name in bounds and value is not None:
        least, most = bounds[name]
        if not isinstance(value, int) or not least <= value <= most:
            message = Text(
                "{name} is {value}; it must be a whole number from {least} to {most}.",
                "{name} 为 {value}；应为 {least} 到 {most} 的整数。",
            )
            return message.format(name=name, value=value, least=least, most=most)
    return None
