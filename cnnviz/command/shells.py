"""The command `completion`."""

import argparse

from cnnviz.command.options import Commands


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    completion = commands.add_parser(
        "completion", help="a script for a shell to complete the command cnnviz"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    completion.set_defaults(run=_completion)


def _completion(options: argparse.Namespace) -> None:
    from cnnviz.command import parser  # noqa: PLC0415
    from cnnviz.library.command import completion  # noqa: PLC0415

    completion(options, parser("cnnviz"))
