"""The commands `presets`, `knobs`, `describe` and `show`: what there is, and what is in it."""

import argparse
import json
from pathlib import Path

import cnnviz
from cnnviz.command.options import NAME, Commands, add_network_command


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    presets = commands.add_parser("presets", help="list the presets")
    presets.add_argument("--json", action="store_true", help="as a JSON list of names")
    presets.set_defaults(run=_presets)

    knobs = commands.add_parser("knobs", help="what can be turned on a network")
    knobs.add_argument("name", metavar="NAME", help=NAME)
    knobs.set_defaults(run=_knobs)

    describe = add_network_command(commands, "describe", "blocks, parameters and MACs of a network")
    describe.add_argument(
        "--depth", type=int, metavar="N", help="levels of blocks to show; 1, and 99 for every op"
    )
    describe.add_argument(
        "--sort",
        choices=("params", "macs", "saved_bytes", "receptive_field"),
        help="the largest first",
    )
    form = describe.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="the table as CSV")
    form.add_argument("--json", action="store_true", help="the whole report as JSON")
    describe.set_defaults(run=_describe)

    show = commands.add_parser("show", help="a network of your own as a page that works offline")
    show.add_argument(
        "network",
        metavar="FILE.py:FUNCTION",
        help="returns a torch.nn.Module, or a module and its inputs; the file runs here",
    )
    show.add_argument("--input", metavar="SHAPE", help="of its input: 1x3x224x224, N×C×H×W")
    show.add_argument(
        *("-o", "--output"), type=Path, required=True, metavar="FILE.html", help="the page"
    )
    show.add_argument("--language", default="en", help="en or zh, which it opens in")
    show.add_argument("--theme", default="light", help="light or dark")
    show.set_defaults(run=_show)


def _presets(options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(cnnviz.presets()))
        return
    from cnnviz.zoo import FAMILIES  # noqa: PLC0415

    for family in FAMILIES.values():
        for preset in family.presets:
            print(f"{preset.name:20} {preset.params:>12,} parameters   {preset.source}")


def _knobs(options: argparse.Namespace) -> None:
    from cnnviz.library.command import knobs  # noqa: PLC0415

    knobs(options)


def _describe(options: argparse.Namespace) -> None:
    from cnnviz.library.command import describe  # noqa: PLC0415

    describe(options)


def _show(options: argparse.Namespace) -> None:
    from cnnviz.library.foreign import show  # noqa: PLC0415

    show(options)
