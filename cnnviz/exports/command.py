"""The commands `draw`, `export` and `atlas`."""

import argparse

from cnnviz import zoo
from cnnviz.exports import files
from cnnviz.exports.atlas import write_atlas
from cnnviz.exports.errors import ExportError, unknown_ending
from cnnviz.exports.files import PICTURES
from cnnviz.exports.network import as_network
from cnnviz.exports.picture import picture
from cnnviz.exports.style import checked
from cnnviz.text import LANGUAGES, Text


def draw(options: argparse.Namespace) -> None:
    """Write the graph alone, without legend and caption, as FILE's ending says."""
    file, style = options.output, checked(depth=options.depth, legend=False)
    form = file.suffix.lower()
    if form not in PICTURES:
        raise unknown_ending(file.suffix, PICTURES)
    network = as_network(zoo.spec(options.name).turn_typed(options.set))
    file.write_bytes(picture(network.report, network.title, style, form.removeprefix(".")))


def export(options: argparse.Namespace) -> None:
    """Write what the endings of FILE and of --table say; nothing if one of them is wrong."""
    names = ("depth", "language", "theme", "width", "counting")
    style = checked(**{name: getattr(options, name) for name in names})
    wanted = [(options.output, False)] if options.output else []
    wanted += [(options.table, True)] if options.table else []
    if not wanted:
        raise ExportError(
            Text(
                "Say what to write: -o FILE, --table FILE.",
                "请指定要写出的文件：-o FILE 或 --table FILE。",
            )
        )
    for file, is_table in wanted:
        files.check_ending(file, table=is_table)
    network = as_network(zoo.spec(options.name).turn_typed(options.set))
    for file, is_table in wanted:
        files.write(network, file, style, table=is_table)
        print(file)


def atlas(options: argparse.Namespace) -> None:
    """Write the static site, and say each file."""
    languages = tuple(LANGUAGES)
    if options.language:
        languages = (checked(language=options.language).language,)
    for file in write_atlas(options.output, languages):
        print(file, flush=True)
