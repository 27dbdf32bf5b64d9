"""The command line, a file for each group of commands, in the order in which help lists them.

Each command imports its own needs: torch takes a second, and health runs every few seconds.
"""

import argparse

import cnnviz
from cnnviz.command import (
    comparing,
    experimenting,
    looking,
    serving,
    shells,
    taking,
    teaching,
    timing,
    training,
)

_ABOUT = "Explore CNN architectures: what each layer computes, where, and at what cost."


def parser(prog: str) -> argparse.ArgumentParser:
    """The parser of all commands; what it reads has `run`, which takes what was read.

    Args:
        prog: how the command was called, for its help.
    """
    made = argparse.ArgumentParser(prog=prog, description=_ABOUT)
    made.add_argument("--version", action="version", version=f"cnnviz {cnnviz.__version__}")
    commands = made.add_subparsers(metavar="COMMAND", help="without one, the app is started")
    for group in (
        *(looking, comparing, timing, taking, training, experimenting, teaching),
        *(serving, shells),
    ):
        group.add_commands(commands)
    return made
