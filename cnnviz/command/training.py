"""The command `train`."""

import argparse
import math
from pathlib import Path

from cnnviz.command.options import Commands, add_device, add_network_command, typed_spec
from cnnviz.knobs import Problem, SpecError
from cnnviz.threads import spin_shortly


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    train = add_network_command(commands, "train", "train a network for a few epochs")
    for name in ("epochs", "seed"):
        train.add_argument(f"--{name}", metavar="N", help=f"short for --recipe {name}=N")
    train.add_argument("--data", default="fashion-mnist-6k", help="a data set of docs/data.md")
    train.add_argument(
        "--recipe",
        action="extend",
        nargs="+",
        default=[],
        metavar="KNOB=VALUE",
        help="turn a knob of the recipe: learning_rate=0.1, optimiser=adam, flip=true",
    )
    train.add_argument(
        "--demo", action="store_true", help="make it short, and say what that changes"
    )
    train.add_argument(
        "--budget", type=_budget, metavar="SECONDS", help="of the demo, 60; 20 to 1800"
    )
    train.add_argument("--yes", action="store_true", help="begin a run of over ten minutes")
    add_device(train)
    train.add_argument("--json", action="store_true", help="print the result only, as JSON")
    train.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="keep weights and results there"
    )
    train.add_argument(
        "--anew", action="store_true", help="even if FOLDER holds a run to go on with"
    )
    train.set_defaults(run=_train)


def _budget(text: str) -> float:
    from cnnviz.training.plan import LEAST_BUDGET, MOST_BUDGET  # noqa: PLC0415

    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not LEAST_BUDGET <= seconds <= MOST_BUDGET:
        message = f"budget is {text}; it must be {LEAST_BUDGET} to {MOST_BUDGET} seconds"
        raise argparse.ArgumentTypeError(message)
    return seconds


def _train(options: argparse.Namespace) -> None:
    spin_shortly()
    from cnnviz.analysis.real_run import devices  # noqa: PLC0415
    from cnnviz.training.command import train  # noqa: PLC0415
    from cnnviz.training.plan import BUDGET  # noqa: PLC0415
    from cnnviz.training.recipe import Recipe  # noqa: PLC0415
    from cnnviz.training.request import Request  # noqa: PLC0415
    from cnnviz.zoo import find  # noqa: PLC0415

    short = {name: getattr(options, name) for name in ("epochs", "seed")}
    settings = [f"{name}={value}" for name, value in short.items() if value is not None]
    problems: tuple[Problem, ...] = ()
    try:
        spec = typed_spec(options)
    except SpecError as error:
        problems = error.problems
    try:
        recipe = Recipe().turn_typed([*options.recipe, *settings])
    except SpecError as error:
        problems = (*problems, *error.problems)
    if problems:
        raise SpecError(problems)
    request = Request(
        preset=find(options.name),
        spec=spec,
        recipe=recipe,
        data=options.data,
        device=options.device or next(iter(devices())),
    )
    budget = options.budget or BUDGET if options.demo or options.budget else None
    train(
        request,
        options.output,
        quiet=options.json,
        budget=budget,
        agreed=options.yes,
        anew=options.anew,
    )
