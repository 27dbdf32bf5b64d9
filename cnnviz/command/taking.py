"""The commands `draw`, `export` and `atlas`: a network as files."""

import argparse
from pathlib import Path

from cnnviz.command.options import Commands, add_network_command


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    draw = add_network_command(commands, "draw", "the layer graph of a network as SVG, PDF or PNG")
    draw.add_argument(
        "--depth", type=int, default=1, help="levels of blocks to show; 99: one node an op"
    )
    draw.add_argument(
        *("-o", "--output"),
        type=Path,
        required=True,
        metavar="FILE",
        help="its ending says what: .svg, .pdf or .png",
    )
    _add_times(draw)
    draw.set_defaults(run=_draw)

    export = add_network_command(
        commands, "export", "a network as code, ONNX, picture, table or report, by FILE's ending"
    )
    export.add_argument("-o", "--output", type=Path, metavar="FILE", help="its ending says what")
    export.add_argument(
        "--table", type=Path, metavar="FILE", help="the shape table: .csv, .md, .xlsx or .tex"
    )
    export.add_argument("--depth", type=int, default=1, metavar="N", help="levels of blocks shown")
    export.add_argument("--language", default="en", help="en or zh")
    export.add_argument("--theme", default="light", help="light or dark")
    export.add_argument("--width", type=int, metavar="PX", help="of a picture")
    export.add_argument("--counting", default="macs", help="macs, flops or all")
    _add_times(export)
    export.set_defaults(run=_export)

    atlas = commands.add_parser("atlas", help="a report of every preset, as a site of its own")
    atlas.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    atlas.add_argument("--language", help="en or zh; both, if it is not given")
    atlas.set_defaults(run=_atlas)


def _add_times(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--times",
        type=Path,
        metavar="FILE.json",
        help="colour a picture by these times, which the command time NAME --json writes",
    )


def _draw(options: argparse.Namespace) -> None:
    from cnnviz.exports.command import draw  # noqa: PLC0415

    draw(options)


def _export(options: argparse.Namespace) -> None:
    from cnnviz.exports.command import export  # noqa: PLC0415

    export(options)


def _atlas(options: argparse.Namespace) -> None:
    from cnnviz.exports.command import atlas  # noqa: PLC0415

    atlas(options)
