"""The command `experiment`."""

import argparse

from cnnviz.command.options import Commands
from cnnviz.threads import spin_shortly

MOST_SEEDS = 10
BUDGETS = (10.0, 3600.0)  # seconds, least and most


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    trying = commands.add_parser(
        "experiment", help="try a claim of the course by short trainings; docs/experiments.md"
    )
    trying.add_argument(
        "name", metavar="NAME", help="such as degradation; a wrong one lists the nearest"
    )
    trying.add_argument(
        "--seeds", type=_seeds, default=1, metavar="N", help=f"repeat it, 1 to {MOST_SEEDS}"
    )
    trying.add_argument(
        "--budget",
        type=_budget,
        metavar="SECONDS",
        help="take fewer images, so that all of it ends in time",
    )
    trying.add_argument("--json", action="store_true", help="print the result only, as JSON")
    trying.set_defaults(run=_experiment)


def _seeds(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_SEEDS):
        raise argparse.ArgumentTypeError(f"seeds is {text}; it must be 1 to {MOST_SEEDS}")
    return int(text)


def _budget(text: str) -> float:
    least, most = BUDGETS
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= most:
        message = f"budget is {text}; it must be {least:g} to {most:g} seconds"
        raise argparse.ArgumentTypeError(message)
    return seconds


def _experiment(options: argparse.Namespace) -> None:
    spin_shortly()
    from cnnviz.experiments import find  # noqa: PLC0415
    from cnnviz.experiments.command import experiment  # noqa: PLC0415

    chosen = find(options.name)
    experiment(chosen, seeds=options.seeds, budget=options.budget, in_json=options.json)
