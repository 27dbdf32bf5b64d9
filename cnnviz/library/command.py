"""The commands `describe`, `knobs` and `completion`."""

import argparse
import json
import textwrap
from collections.abc import Iterator

import shtab

from cnnviz import zoo
from cnnviz.analysis import analyze
from cnnviz.analysis.tables.frames import by_block
from cnnviz.analysis.tables.text import text
from cnnviz.exports.style import checked
from cnnviz.families import Spec
from cnnviz.knobs import Knob, format_value
from cnnviz.text import ExplainedError, Text
from cnnviz.zoo import FAMILIES

_WIDTH = 96  # characters
_INDENT = "    "


def describe(options: argparse.Namespace) -> None:
    """Print a network's report as a table, CSV or JSON."""
    chosen = [f"--{name}" for name in ("depth", "sort") if getattr(options, name) is not None]
    if options.json and chosen:
        message = Text(
            "--json is the whole report; leave {names} out, or take --csv.",
            "--json 输出完整报告；请去掉 {names}，或改用 --csv。",
        )
        raise ExplainedError(message.format(names=", ".join(chosen)))
    depth = 1 if options.depth is None else checked(depth=options.depth).depth
    report = analyze(zoo.spec(options.name).turn_typed(options.set))
    if options.json:
        print(json.dumps(report.to_dict()))
    elif options.csv:
        print(by_block(report, depth, options.sort).to_csv(lineterminator="\n"), end="")
    else:
        print(text(report, depth, options.sort))


def knobs(options: argparse.Namespace) -> None:
    """Print what can be turned on a network, each knob with its value and what it accepts."""
    spec = zoo.spec(options.name)
    family = FAMILIES[spec.family]
    print(f"{family.title}: python -m cnnviz describe {options.name} --set KNOB=VALUE …")
    for knob in spec.knobs():
        print(_about(knob, spec))


def _about(knob: Knob, spec: Spec) -> str:
    symbol = f" ({knob.symbol})" if knob.symbol else ""
    head = f"\n{knob.name}{symbol} = {format_value(getattr(spec, knob.name))}; {knob.rule.en}"
    return f"{head}\n" + textwrap.fill(
        knob.help.en, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
    )


def completion(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Print a script that completes commands, options and presets in a shell.

    Args:
        parser: of the command line.
    """
    for action in _actions(parser):
        if action.dest in ("name", "networks"):
            action.choices = zoo.presets()
        elif action.dest in ("output", "table"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parser, shell=options.shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
