"""What the commands of one network have in common: its name, and the knobs that are turned."""

import argparse
from typing import TypeAlias

import cnnviz
from cnnviz.families import Spec

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

NAME = "a preset or a family, as the command presets lists them; also vgg16, ResNet50 …"


def add_network_command(commands: Commands, name: str, help: str) -> argparse.ArgumentParser:
    """Add a command that takes NAME and --set; `typed_spec` reads them."""
    command = commands.add_parser(name, help=help)
    command.add_argument("name", metavar="NAME", help=NAME)
    command.add_argument(
        "--set",
        action="extend",
        nargs="+",
        default=[],
        metavar="KNOB=VALUE",
        help="turn a knob: growth_rate=12, depths=6-12-24-16; the command knobs lists them",
    )
    return command


def add_device(command: argparse.ArgumentParser, what: str = "") -> None:
    """Add the option --device; torch's "cuda" is read as "cuda:0"."""
    command.add_argument(
        "--device",
        type=lambda text: "cuda:0" if text == "cuda" else text,
        help=f"{what}cpu, cuda:0, mps, …; a GPU if there is one",
    )


def typed_spec(options: argparse.Namespace) -> Spec:
    """The network that NAME and --set name.

    Raises:
        SpecError: with every problem of both.
    """
    return cnnviz.spec(options.name).turn_typed(options.set)
