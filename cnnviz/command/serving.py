"""The commands `health` and `admin`: look after a server."""

import argparse

from cnnviz import admin
from cnnviz.command.options import Commands
from cnnviz.health import PARTS, check, report


def add_commands(commands: Commands) -> None:
    """Add the commands of this file."""
    health = commands.add_parser("health", help="whether the parts of a server work")
    health.add_argument(
        "parts", nargs="*", choices=("all", *PARTS), default="all", help="what to look at"
    )
    health.add_argument("--json", action="store_true", help="as a JSON object")
    health.set_defaults(run=_health)

    admin.add_commands(commands.add_parser("admin", help="look after a server's data directory"))


def _health(options: argparse.Namespace) -> int:
    checks = check(PARTS if "all" in options.parts else options.parts)
    print(report(checks, as_json=options.json))
    return 0 if all(one.well for one in checks) else 1
