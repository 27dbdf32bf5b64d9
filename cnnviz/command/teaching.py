"""The command `worksheet`: a lesson on paper."""

import argparse
import sys
from pathlib import Path

from cnnviz.command.options import Commands


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    sheet = commands.add_parser(
        "worksheet", help="a lesson as an HTML page to print; docs/lessons.md"
    )
    sheet.add_argument(
        "name", metavar="LESSON", help="such as densenet; a wrong one lists the nearest"
    )
    sheet.add_argument("--seed", type=int, default=1, metavar="N", help="draws the numbers")
    sheet.add_argument("--solution", action="store_true", help="with answers and arithmetic")
    sheet.add_argument("--language", default="en", help="en or zh")
    sheet.add_argument(
        *("-o", "--output"), type=Path, metavar="FILE", help="without one, it is printed"
    )
    sheet.set_defaults(run=_worksheet)


def _worksheet(options: argparse.Namespace) -> None:
    from cnnviz.lessons import find  # noqa: PLC0415
    from cnnviz.lessons.worksheet import worksheet  # noqa: PLC0415

    page = worksheet(
        find(options.name),
        seed=options.seed,
        language=options.language,
        with_solution=options.solution,
    )
    if options.output:
        options.output.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)
