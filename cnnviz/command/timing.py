"""The command `time`."""

import argparse

from cnnviz.command.options import Commands, add_device, add_network_command, typed_spec
from cnnviz.knobs import Problem, SpecError
from cnnviz.threads import spin_shortly


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    time = add_network_command(commands, "time", "milliseconds of each op, forward and backward")
    add_device(time)
    time.add_argument("--batch", default="1", metavar="N", help="images in one pass; 1")
    time.add_argument("--json", action="store_true", help="as a JSON object in one line")
    time.set_defaults(run=_time)


def _time(options: argparse.Namespace) -> None:
    spin_shortly()
    from cnnviz.library.timing import checked_setting, printed, timed  # noqa: PLC0415

    problems: list[Problem] = []
    spec = setting = None
    try:
        spec = typed_spec(options)
    except SpecError as error:
        problems += error.problems
    try:
        setting = checked_setting(options.device, options.batch)
    except SpecError as error:
        problems += error.problems
    if spec is None or setting is None:
        raise SpecError(problems)
    found = timed(options.name, spec, setting)
    print(found.to_json() if options.json else printed(spec, found))
