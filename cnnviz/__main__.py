"""The command line: python -m cnnviz presets | describe | draw."""

import argparse
import json
import sys
from pathlib import Path

import cnnviz
from cnnviz.analysis.graph import open_to_depth
from cnnviz.families import Spec
from cnnviz.knobs import SpecError
from cnnviz.render.diagram import DrawingError, draw
from cnnviz.render.kinds import shape_text
from cnnviz.zoo import FAMILIES


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 2 when the input was wrong, with a sentence why."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (SpecError, DrawingError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cnnviz", description=cnnviz.__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    presets = commands.add_parser("presets", help="list the presets")
    presets.add_argument("--json", action="store_true", help="as a JSON list of names")
    presets.set_defaults(run=_presets)

    for name, run, help in (
        ("describe", _describe, "layers, parameters and MACs of a network"),
        ("draw", _draw, "the layer graph of a network as SVG"),
    ):
        command = commands.add_parser(name, help=help)
        command.add_argument("name", metavar="NAME", help="a preset or a family")
        command.add_argument(
            "--set",
            action="extend",
            nargs="+",
            default=[],
            metavar="KNOB=VALUE",
            help="turn a knob: growth_rate=12, depths=6-12-24-16, conv_bias=true",
        )
        command.set_defaults(run=run)
        if run is _describe:
            command.add_argument("--json", action="store_true", help="the whole report as JSON")
        else:
            command.add_argument(
                "--depth", type=int, default=1, help="levels of blocks to show; 99: one node an op"
            )
            command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.svg")
    return parser


def _spec(options: argparse.Namespace) -> Spec:
    """The spec of NAME and --set, with every problem of both."""
    start = cnnviz.spec(options.name)
    knobs = {knob.name: knob for knob in start.knobs()}
    values, problems = {}, []
    for setting in options.set:
        name, _, text = setting.partition("=")
        try:
            values[name] = knobs[name].parse(text) if name in knobs else text
        except SpecError as error:
            problems += error.problems
    try:
        spec = cnnviz.spec(options.name, **values)
    except SpecError as error:
        problems += error.problems
    if problems:
        raise SpecError(problems)
    return spec


def _presets(options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(cnnviz.presets()))
        return
    for family in FAMILIES.values():
        for preset in family.presets:
            print(f"{preset.name:20} {preset.params:>12,} parameters   {preset.source}")


def _describe(options: argparse.Namespace) -> None:
    report = cnnviz.analyze(_spec(options))
    if options.json:
        print(json.dumps(report.to_dict()))
        return
    print(f"{'name':32} {'kind':20} {'output':>14} {'parameters':>12} {'MACs':>15}")
    for layer in report.layers:
        macs = "?" if layer.macs is None else f"{layer.macs:,}"
        shape = shape_text(layer.output_shape)
        print(f"{layer.name:32} {layer.kind:20} {shape:>14} {layer.params:>12,} {macs:>15}")
    print(f"{'total':68} {report.params:>12,} {report.macs:>15,}")


def _draw(options: argparse.Namespace) -> None:
    report = cnnviz.analyze(_spec(options))
    svg = draw(report, open_to_depth(report, options.depth))
    options.output.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
