"""Any file of a network, by its ending."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from torch import nn

from cnnviz.analysis import Report
from cnnviz.exports import table as tables
from cnnviz.exports.code import listing
from cnnviz.exports.errors import ExportError, unknown_ending
from cnnviz.exports.network import Network, as_network
from cnnviz.exports.onnx import write_onnx
from cnnviz.exports.picture import picture
from cnnviz.exports.report import report_page
from cnnviz.exports.saved import as_json
from cnnviz.exports.style import Style, checked
from cnnviz.exports.tikz import tikz
from cnnviz.families import Spec
from cnnviz.text import Text


def export(
    network: str | Spec | nn.Module | Report,
    file: str | PathLike[str],
    *,
    table: bool = False,
    input_shape: tuple[int, int, int, int] | None = None,
    **style: Any,
) -> Path:
    """Write a network to a file; the ending says what.

    .py code, .onnx with weights, .json to `load` again, .svg .pdf .png pictures of the graph, .tex
    the graph in TikZ, .html a report, .csv .md .xlsx the shape table.

    >>> cnnviz.export("densenet-121", "densenet.svg", depth=2, language="zh", theme="dark")

    Args:
        network: a preset, a family, a spec, any module, or a report; the last two have neither
            code nor .json, and a report no weights.
        table: .tex is the shape table, with booktabs.
        input_shape: (N, C, H, W) of a module's input.
        style: the fields of `cnnviz.exports.style.Style`: depth, language, theme, width, counting,
            colour_by, legend.

    Raises:
        SpecError: there is no such preset.
        ExportError: no such ending, a value that cannot be, or a drawing that cannot be made.
        OSError: the file cannot be written.
    """
    file, how = Path(file), checked(**style)
    check_ending(file, table=table)
    write(as_network(network, input_shape), file, how, table=table)
    return file


def check_ending(file: Path, *, table: bool = False) -> None:
    """Refuse a file of which nobody knows what it should hold."""
    known = TABLES if table else ENDINGS
    if file.suffix.lower() not in known:
        raise unknown_ending(file.suffix, known)


def write(network: Network, file: Path, style: Style, *, table: bool = False) -> None:
    """Write a network to a file whose ending is known."""
    if file.suffix.lower() == ".onnx":
        module = network.module or _spec_of(network, file).build()
        write_onnx(module, network.report.input_shape, file)
    else:
        file.write_bytes(made(network, file, style, table=table))


def made(network: Network, file: Path, style: Style, *, table: bool = False) -> bytes:
    """What a file of that name holds; any but .onnx, which is too large for that."""
    maker = _as_table if table else _MAKERS[file.suffix.lower()]
    return maker(network, file, style)


def _spec_of(network: Network, file: Path) -> Spec:
    if network.spec is None:
        message = Text(
            "{ending} is written of the networks of the zoo alone; of {name} there is no more than "
            "a module or a report.",
            "{ending} 只能由内置网络导出；{name} 只有模块或报告。",
        )
        raise ExportError(message.format(ending=file.suffix, name=network.title))
    return network.spec


def _py(network: Network, file: Path, style: Style) -> bytes:
    return listing(_spec_of(network, file), network.title).encode()


def _json(network: Network, file: Path, style: Style) -> bytes:
    return as_json(_spec_of(network, file), network.title).encode()


def _picture(network: Network, file: Path, style: Style) -> bytes:
    return picture(network.report, network.title, style, file.suffix.lower().removeprefix("."))


def _tikz(network: Network, file: Path, style: Style) -> bytes:
    return tikz(network.report, network.title, style).encode()


def _html(network: Network, file: Path, style: Style) -> bytes:
    return report_page(network, style).encode()


def _as_table(network: Network, file: Path, style: Style) -> bytes:
    rows = tables.rows(network.report, style)
    return tables.write(rows, file.suffix.lower(), network.title)


TABLES = tables.ENDINGS
PICTURES = (".svg", ".pdf", ".png")
_MAKERS: dict[str, Callable[[Network, Path, Style], bytes]] = {
    ".py": _py,
    ".json": _json,
    ".html": _html,
    **dict.fromkeys(PICTURES, _picture),
    ".tex": _tikz,
    **dict.fromkeys((".csv", ".md", ".xlsx"), _as_table),
}
ENDINGS = (".onnx", *_MAKERS)
