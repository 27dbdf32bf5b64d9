"""The command line: python -m cnnviz presets | knobs | describe | compare | draw | export | …

Each command imports its own needs: torch takes a second, and health runs every few seconds.
"""

import argparse
import json
import math
import os
import sys
from pathlib import Path

import cnnviz
from cnnviz import admin
from cnnviz.families import Spec
from cnnviz.health import PARTS, check, report
from cnnviz.knobs import Problem, SpecError
from cnnviz.text import ExplainedError
from cnnviz.threads import spin_shortly

_ABOUT = "Explore CNN architectures: what each layer computes, where, and at what cost."
_NAME = "a preset or a family, as the command presets lists them; also vgg16, ResNet50 …"


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when it worked, 1 when something is unwell, 2 when the input was wrong, with a sentence;
        130 after Ctrl-C and 141 where the reader of the output has left, as shells expect.
    """
    called = Path(sys.argv[0]).name
    options = _parser("cnnviz" if called == "cnnviz" else "python -m cnnviz").parse_args(arguments)
    try:
        code = options.run(options) or 0
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # | head; what is left would be written at the end of the process
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (SpecError, ExplainedError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt as interrupt:
        print(str(interrupt) or "Interrupted before the end.", file=sys.stderr)
        return 130


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=_ABOUT)
    parser.add_argument("--version", action="version", version=f"cnnviz {cnnviz.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    presets = commands.add_parser("presets", help="list the presets")
    presets.add_argument("--json", action="store_true", help="as a JSON list of names")
    presets.set_defaults(run=_presets)

    knobs = commands.add_parser("knobs", help="what can be turned on a network")
    knobs.add_argument("name", metavar="NAME", help=_NAME)
    knobs.set_defaults(run=_knobs)

    health = commands.add_parser("health", help="whether the parts of a server work")
    health.add_argument(
        "parts", nargs="*", choices=("all", *PARTS), default="all", help="what to look at"
    )
    health.add_argument("--json", action="store_true", help="as a JSON object")
    health.set_defaults(run=_health)

    for name, run, add_options, help in (
        ("describe", _describe, _describe_options, "blocks, parameters and MACs of a network"),
        ("draw", _draw, _draw_options, "the layer graph of a network as SVG, PDF or PNG"),
        (
            *("export", _export, _export_options),
            "a network as code, ONNX, picture, table or report, by FILE's ending",
        ),
        ("train", _train, _train_options, "train a network for a few epochs"),
    ):
        command = commands.add_parser(name, help=help)
        command.add_argument("name", metavar="NAME", help=_NAME)
        command.add_argument(
            "--set",
            action="extend",
            nargs="+",
            default=[],
            metavar="KNOB=VALUE",
            help="turn a knob: growth_rate=12, depths=6-12-24-16; the command knobs lists them",
        )
        command.set_defaults(run=run)
        add_options(command)
    comparing = commands.add_parser("compare", help="two to six networks side by side")
    comparing.add_argument(
        "networks",
        nargs="+",
        metavar="NETWORK",
        help="a preset or a family, with knobs: densenet-121:growth_rate=12,depths=6-12-24-16",
    )
    comparing.add_argument("--layers", action="store_true", help="every layer, not only the stages")
    comparing.add_argument("--json", action="store_true", help="as a JSON object")
    comparing.set_defaults(run=_compare)
    showing = commands.add_parser("show", help="a network of your own as a page that works offline")
    showing.add_argument(
        "network",
        metavar="FILE.py:FUNCTION",
        help="returns a torch.nn.Module, or a module and its inputs; the file runs here",
    )
    showing.add_argument("--input", metavar="SHAPE", help="of its input: 1x3x224x224, N×C×H×W")
    showing.add_argument(
        *("-o", "--output"), type=Path, required=True, metavar="FILE.html", help="the page"
    )
    showing.add_argument("--language", default="en", help="en or zh, which it opens in")
    showing.add_argument("--theme", default="light", help="light or dark")
    showing.set_defaults(run=_show)
    atlas = commands.add_parser("atlas", help="a report of every preset, as a site of its own")
    atlas.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    atlas.add_argument("--language", help="en or zh; both, if it is not given")
    atlas.set_defaults(run=_atlas)
    admin.add_commands(commands.add_parser("admin", help="look after a server's data directory"))
    completion = commands.add_parser(
        "completion", help="a script for a shell to complete the command cnnviz"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    completion.set_defaults(run=_completion)
    return parser


def _describe_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--depth", type=int, metavar="N", help="levels of blocks to show; 1, and 99 for every op"
    )
    command.add_argument(
        "--sort",
        choices=("params", "macs", "saved_bytes", "receptive_field"),
        help="the largest first",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="the table as CSV")
    form.add_argument("--json", action="store_true", help="the whole report as JSON")


def _draw_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--depth", type=int, default=1, help="levels of blocks to show; 99: one node an op"
    )
    command.add_argument(
        *("-o", "--output"),
        type=Path,
        required=True,
        metavar="FILE",
        help="its ending says what: .svg, .pdf or .png",
    )


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


def _train_options(command: argparse.ArgumentParser) -> None:
    for name in ("epochs", "seed"):
        command.add_argument(f"--{name}", metavar="N", help=f"short for --recipe {name}=N")
    command.add_argument("--data", default="fashion-mnist-6k", help="a data set of docs/data.md")
    command.add_argument(
        "--recipe",
        action="extend",
        nargs="+",
        default=[],
        metavar="KNOB=VALUE",
        help="turn a knob of the recipe: learning_rate=0.1, optimiser=adam, flip=true",
    )
    command.add_argument(
        "--demo", action="store_true", help="make it short, and say what that changes"
    )
    command.add_argument(
        "--budget", type=_budget, metavar="SECONDS", help="of the demo, 60; 20 to 1800"
    )
    command.add_argument("--yes", action="store_true", help="begin a run of over ten minutes")
    command.add_argument("--device", help="cpu, cuda:0, …; a GPU if there is one")
    command.add_argument("--json", action="store_true", help="print the result only, as JSON")
    command.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="keep weights and results there"
    )
    command.add_argument(
        "--anew", action="store_true", help="even if FOLDER holds a run to go on with"
    )


def _export_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="its ending says what")
    command.add_argument(
        "--table", type=Path, metavar="FILE", help="the shape table: .csv, .md, .xlsx or .tex"
    )
    command.add_argument("--depth", type=int, default=1, metavar="N", help="levels of blocks shown")
    command.add_argument("--language", default="en", help="en or zh")
    command.add_argument("--theme", default="light", help="light or dark")
    command.add_argument("--width", type=int, metavar="PX", help="of a picture")
    command.add_argument("--counting", default="macs", help="macs, flops or all")


def _spec(options: argparse.Namespace) -> Spec:
    return cnnviz.spec(options.name).turn_typed(options.set)


def _presets(options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(cnnviz.presets()))
        return
    from cnnviz.zoo import FAMILIES  # noqa: PLC0415

    for family in FAMILIES.values():
        for preset in family.presets:
            print(f"{preset.name:20} {preset.params:>12,} parameters   {preset.source}")


def _health(options: argparse.Namespace) -> int:
    checks = check(PARTS if "all" in options.parts else options.parts)
    print(report(checks, as_json=options.json))
    return 0 if all(one.well for one in checks) else 1


def _knobs(options: argparse.Namespace) -> None:
    from cnnviz.library.command import knobs  # noqa: PLC0415

    knobs(options)


def _describe(options: argparse.Namespace) -> None:
    from cnnviz.library.command import describe  # noqa: PLC0415

    describe(options)


def _compare(options: argparse.Namespace) -> None:
    from cnnviz.comparison.command import printed, typed_networks  # noqa: PLC0415

    specs = typed_networks(options.networks)
    comparison = cnnviz.compare(*specs, names=options.networks)
    if options.json:
        print(json.dumps(comparison.to_dict()))
    else:
        print(printed(comparison, layers=options.layers))


def _draw(options: argparse.Namespace) -> None:
    from cnnviz.exports.command import draw  # noqa: PLC0415

    draw(options)


def _completion(options: argparse.Namespace) -> None:
    from cnnviz.library.command import completion  # noqa: PLC0415

    completion(options, _parser("cnnviz"))


def _export(options: argparse.Namespace) -> None:
    from cnnviz.exports.command import export  # noqa: PLC0415

    export(options)


def _show(options: argparse.Namespace) -> None:
    from cnnviz.library.foreign import show  # noqa: PLC0415

    show(options)


def _atlas(options: argparse.Namespace) -> None:
    from cnnviz.exports.command import atlas  # noqa: PLC0415

    atlas(options)


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
        spec = _spec(options)
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


if __name__ == "__main__":
    sys.exit(main())
