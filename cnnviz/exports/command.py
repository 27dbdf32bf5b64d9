"""The commands `draw`, `export` and `atlas`."""

import argparse
from dataclasses import replace
from pathlib import Path

from cnnviz import zoo
from cnnviz.analysis.timing.times import times_from_json
from cnnviz.exports import files
from cnnviz.exports.atlas import write_atlas
from cnnviz.exports.errors import ExportError, unknown_ending
from cnnviz.exports.files import PICTURES
from cnnviz.exports.network import Network, as_network
from cnnviz.exports.picture import picture
from cnnviz.exports.style import Style, checked
from cnnviz.render.colouring import TIME
from cnnviz.text import LANGUAGES, Text

_NO_PICTURE = Text(
    "Times colour a picture; write -o FILE with the ending {known}, or leave --times out.",
    "计时用于给图片着色；请用 -o FILE 写出 {known} 文件，或去掉 --times。",
)
_NOTHING = Text(
    "Say what to write: -o FILE, --table FILE.", "请指定要写出的文件：-o FILE 或 --table FILE。"
)
_ONE_FILE = Text(
    "-o and --table are both {file}, and one would overwrite the other; give the table another "
    "name.",
    "-o 与 --table 都是 {file}，会互相覆盖；请为表格另取文件名。",
)
_OTHER_OPS = Text(
    "{file} has the times of {network}, whose ops are not those of {title}; take the preset and "
    "the knobs with which they were measured.",
    "{file} 是 {network} 的计时，其中的运算与 {title} 不一致；请用计时时的预设与超参数。",
)


def draw(options: argparse.Namespace) -> None:
    """Write the graph alone, without legend and caption, as FILE's ending says."""
    file, style = options.output, checked(depth=options.depth, legend=False)
    form = file.suffix.lower()
    if form not in PICTURES:
        raise unknown_ending(file.suffix, PICTURES)
    network = as_network(zoo.spec(options.name).turn_typed(options.set))
    style = _in_times(style, options.times, network)
    file.write_bytes(picture(network.report, network.title, style, form.removeprefix(".")))


def export(options: argparse.Namespace) -> None:
    """Write what the endings of FILE and of --table say; nothing if one of them is wrong."""
    names = ("depth", "language", "theme", "width", "counting")
    style = checked(**{name: getattr(options, name) for name in names})
    wanted = [(options.output, False)] if options.output else []
    wanted += [(options.table, True)] if options.table else []
    if not wanted:
        raise ExportError(_NOTHING)
    if len(wanted) > len({file.resolve() for file, _ in wanted}):
        raise ExportError(_ONE_FILE.format(file=options.output))
    for file, is_table in wanted:
        files.check_ending(file, table=is_table)
    if options.times and (not options.output or options.output.suffix.lower() not in PICTURES):
        raise ExportError(_NO_PICTURE.format(known=", ".join(PICTURES)))
    network = as_network(zoo.spec(options.name).turn_typed(options.set))
    style = _in_times(style, options.times, network)
    for file, is_table in wanted:
        files.write(network, file, style, table=is_table)
        print(file)


def _in_times(style: Style, file: Path | None, network: Network) -> Style:
    """The style in the colours of a file's times; without a file, as it is.

    Raises:
        TimesError, ExportError: the file holds no times, or those of another network.
    """
    if file is None:
        return style
    found = times_from_json(file.read_bytes())
    if [row.name for row in found.rows] != [layer.name for layer in network.report.layers]:
        names = {"file": file, "network": found.network, "title": network.title}
        raise ExportError(_OTHER_OPS.format(**names))
    taken = tuple(row.forward_ms for row in found.rows)
    return replace(style, colour_by=TIME, milliseconds=taken)


def atlas(options: argparse.Namespace) -> None:
    """Write the static site, and say each file."""
    languages = tuple(LANGUAGES)
    if options.language:
        languages = (checked(language=options.language).language,)
    for file in write_atlas(options.output, languages):
        print(file, flush=True)
