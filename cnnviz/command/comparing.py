"""The commands `compare` and `sweep`: several networks at once."""

import argparse
import json

import cnnviz
from cnnviz.command.options import Commands, add_device, add_network_command
from cnnviz.threads import spin_shortly


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    compare = commands.add_parser("compare", help="two to six networks side by side")
    compare.add_argument(
        "networks",
        nargs="+",
        metavar="NETWORK",
        help="a preset or a family, with knobs: densenet-121:growth_rate=12,depths=6-12-24-16",
    )
    compare.add_argument("--layers", action="store_true", help="every layer, not only the stages")
    compare.add_argument("--json", action="store_true", help="as a JSON object")
    compare.set_defaults(run=_compare)

    sweep = add_network_command(commands, "sweep", "one or two knobs over a range of values")
    sweep.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="KNOB=FROM:TO:STEP",
        help="growth_rate=12:48:12, both ends included; or a list: groups=1,2,4; once or twice",
    )
    sweep.add_argument(
        "--measure",
        action="append",
        choices=("time", "accuracy"),
        default=[],
        help="also a pass forward on the device, or a short training's accuracy; docs/sweeps.md",
    )
    add_device(sweep, "of --measure: ")
    sweep.add_argument("--json", action="store_true", help="as a JSON object")
    sweep.set_defaults(run=_sweep)


def _compare(options: argparse.Namespace) -> None:
    from cnnviz.comparison.command import printed, typed_networks  # noqa: PLC0415

    specs = typed_networks(options.networks)
    comparison = cnnviz.compare(*specs, names=options.networks)
    if options.json:
        print(json.dumps(comparison.to_dict()))
    else:
        print(printed(comparison, layers=options.layers))


def _sweep(options: argparse.Namespace) -> None:
    if options.measure:
        spin_shortly()
    from cnnviz.sweeps.command import sweep  # noqa: PLC0415

    sweep(options)
