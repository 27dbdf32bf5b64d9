"""`cnnviz.show`: any network in the views of the page, as one file that works offline."""

from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from torch import nn

from cnnviz.analysis import BrokenNetwork, Report
from cnnviz.analysis.ops import Shape
from cnnviz.exports.network import Network, as_network
from cnnviz.exports.report import report_page
from cnnviz.exports.style import checked
from cnnviz.families import Spec
from cnnviz.text import LANGUAGES

_HEIGHT = 820  # px, in a notebook


@dataclass(frozen=True)
class Page:
    """A page that holds all it needs; a notebook shows it.

    Args:
        title: what the network is called.
        html: the whole document.
    """

    title: str
    html: str

    def save(self, file: str | PathLike[str]) -> Path:
        """Write it to a file that any browser opens, without a network.

        Raises:
            OSError: the file cannot be written.
        """
        path = Path(file)
        path.write_text(self.html, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"<Page of {self.title}, {len(self.html.encode()):,} bytes; save(FILE) writes it>"

    def _repr_html_(self) -> str:
        frame = 'style="width:100%;border:0" sandbox="allow-scripts"'
        return f'<iframe {frame} height="{_HEIGHT}" srcdoc="{escape(self.html)}"></iframe>'


def show(
    network: str | Spec | nn.Module | Report,
    input_shape: Shape | None = None,
    *,
    inputs: Any = None,
    language: str = "en",
    theme: str = "light",
    depth: int = 1,
) -> Page:
    """Make a page of a network: its graph to unfold, search and select, and what each part costs.

    >>> cnnviz.show(my_module, (1, 3, 224, 224)).save("net.html")

    Figures, graph, details, shape table, training memory and receptive fields, in English and
    Chinese. A network that breaks is shown up to the op that fails, with what it got and needs.
    `cnnviz.export(network, "net.html")` is the same in one language.

    Args:
        network: a preset or family by its name, a spec, any module, which comes back untouched, or
            a report.
        input_shape: (N, C, H, W) of a module's input.
        inputs: what a module is called with instead, as `analyze` takes it.
        language: "en" or "zh", which the page opens in.
        theme: "light" or "dark".
        depth: levels of blocks that are shown at first.

    Raises:
        SpecError: there is no such preset.
        ExportError: a language, theme or depth that there is not.
        ValueError, TypeError: as `analyze` does.
    """
    style = checked(language=language, theme=theme, depth=depth)
    try:
        subject = as_network(network, input_shape, inputs)
    except BrokenNetwork as error:
        title = error.partial.modules.get("", type(network).__name__)
        subject = Network(title, error.partial, broken=error.message)
    languages = (language, *(each for each in LANGUAGES if each != language))
    return Page(subject.title, report_page(subject, style, languages=languages))
