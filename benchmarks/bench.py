"""How fast cnnviz is, beside the tools that do parts of the same work.

    python -m benchmarks.bench

prints one Markdown table. Analysis is timed against the least that a shape-only pass costs, a
plain build and forward on the meta device, and against torchinfo and fvcore; analysis with the
fully unfolded drawing against torchinfo, torchview and Graphviz together, twice: on our DenseNet,
whose blocks concatenate as they go, and on the same network in the usual form (torchvision's),
which hands every layer the list of all maps before it to concatenate.

Every side gets the same network and input shape and starts at the spec, so building the module is
in every time. All run on the meta device but fvcore, whose tracing fails there on batch norm: it
builds and runs on the CPU. Our cached reports are dropped before each timing.

The ways of one comparison take turns, round after round, and the table holds medians: on a busy
machine the seconds drift, the ratios much less. Each way first runs once on a small network, so
no time holds an import or the first call of a process.

Analysis and the plain forward take turns as in a user's script: nobody collects garbage or freezes
objects, the collector runs when it runs, and every round has a spec that nobody analysed yet. For
the other comparisons all living objects are frozen, and garbage is collected before each timing, so
that no tool pays for another's objects.

Torch has one thread. On the meta device, where nothing is computed, it makes no difference; for
fvcore it is the fairer setting, since a second thread gains it a few per cent on an idle machine
but costs it many times over when a core is busy with something else. Its input is zeros, as
uninitialised numbers may be denormal and slow to compute with.
"""

import gc
import subprocess
import time
from collections import OrderedDict
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

import torch
import torchinfo
from fvcore.nn import FlopCountAnalysis
from torch import nn

import cnnviz
from benchmarks.tools import EVERY_DEPTH, torchview_source
from cnnviz.analysis import trace
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.analysis.report import Report
from cnnviz.families import Spec
from cnnviz.render.diagram import to_dot, to_svg

FRESH = 7  # specs that nobody analysed yet
ROUNDS = 15
ROUNDS_IF_SMALL = 200
ROUNDS_IF_SLOW = 3
DOT_SECONDS = 60
TARGETS = {  # of analysis / plain meta forward
    "densenet-121": None,
    "lenet-d2l": 1.0,
    "lenet-5": 1.0,
    "densenet-201": 0.5,
    "resnet-152": 0.5,
    "googlenet-torchvision": 0.5,
}


def analyze_cold(spec: Spec) -> Report:
    trace._analyze_spec.cache_clear()
    return cnnviz.analyze(spec)


def draw_unfolded(spec: Spec) -> str:
    report = analyze_cold(spec)
    return to_svg(to_dot(report, fold(report, open_to_depth(report, EVERY_DEPTH))))


def build(spec: Spec, device: str = "meta") -> nn.Module:
    with torch.device(device):
        return spec.build().eval()


def plain_forward(spec: Spec) -> torch.Tensor:
    module = build(spec)
    with torch.no_grad():
        return module(torch.empty(spec.input_shape, device="meta"))


def torchinfo_summary(spec: Spec) -> torchinfo.ModelStatistics:
    return torchinfo.summary(build(spec), input_size=spec.input_shape, device="meta", verbose=0)


def fvcore_flops(spec: Spec) -> int:
    flops = FlopCountAnalysis(build(spec, "cpu"), torch.zeros(spec.input_shape))
    return flops.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


class ListLayer(nn.Sequential):
    """A dense layer that joins the maps itself: a list of (N, ·, H, W) -> (N, k, H, W)."""

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        return super().forward(torch.cat(maps, dim=1))


class ListBlock(nn.Sequential):
    """A dense block in the usual form: (N, C, H, W) -> (N, C + depth·k, H, W)."""

    def __init__(self, block: nn.Sequential):
        layers = (
            (name, ListLayer(OrderedDict(layer.named_children())))
            for name, layer in block.named_children()
        )
        super().__init__(OrderedDict(layers))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = [x]
        for layer in self:
            maps.append(layer(maps))
        return torch.cat(maps, dim=1)


def build_with_lists(spec: Spec) -> nn.Module:
    module = build(spec)
    for name, part in module.named_children():
        if name.startswith("block"):
            setattr(module, name, ListBlock(part))
    return module


def draw_lists(spec: Spec) -> str:
    report = cnnviz.analyze(build_with_lists(spec), spec.input_shape)
    return to_svg(to_dot(report, fold(report, open_to_depth(report, EVERY_DEPTH))))


def torchview_lists(spec: Spec) -> None:
    torchview_drawing(build_with_lists(spec), spec)


def torchview_ours(spec: Spec) -> None:
    torchview_drawing(build(spec), spec)


def torchview_drawing(module: nn.Module, spec: Spec) -> None:
    """torchinfo's table and torchview's unfolded drawing; `DOT_SECONDS` are a lower bound."""
    torchinfo.summary(module, input_size=spec.input_shape, device="meta", verbose=0)
    source = torchview_source(module, spec)
    try:
        subprocess.run(
            ["dot", "-Tsvg"], input=source, capture_output=True, timeout=DOT_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        return


def fresh_medians(name: str, *, rounds: int = FRESH) -> list[float]:
    """Seconds of analysis and of a plain forward, in turns, with Python's collector left alone.

    The specs differ in their number of classes, so that no report is at hand.
    """
    times: list[list[float]] = [[], []]
    for classes in range(501, 501 + rounds):
        spec = cnnviz.spec(name, num_classes=classes)
        for way, seconds in zip((cnnviz.analyze, plain_forward), times, strict=True):
            start = time.perf_counter()
            way(spec)
            seconds.append(time.perf_counter() - start)
    return [median(seconds) for seconds in times]


def medians(name: str, *ways: Callable[[Spec], object], rounds: int = ROUNDS) -> list[float]:
    """Seconds of each way on one network, the ways taking turns until one needs too long."""
    spec = cnnviz.spec(name)
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, seconds in zip(ways, times, strict=True):
            gc.collect()
            start = time.perf_counter()
            way(spec)
            seconds.append(time.perf_counter() - start)
        if max(map(max, times)) >= DOT_SECONDS:
            break
    return [median(seconds) for seconds in times]


def shown(seconds: float) -> str:
    if seconds >= DOT_SECONDS:
        return f"> {DOT_SECONDS} s"
    return f"{seconds * 1000:.2g} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def row(what: str, ours: float, peer: float, most: float | None = None) -> tuple[str, ...]:
    """A comparison; its target, where it has one, is `most` times the peer's seconds."""
    target, met = ("", "") if most is None else (f"<= {most}", yes_or_no(ours <= most * peer))
    return what, shown(ours), shown(peer), f"{ours / peer:.2f}", target, met


def yes_or_no(met: bool) -> str:
    return "yes" if met else "no"


def main() -> None:
    torch.set_num_threads(1)
    peers = (plain_forward, torchinfo_summary, fvcore_flops)
    small = cnnviz.spec("densenet", depths=(2, 2))
    for way in (draw_unfolded, draw_lists, *peers, torchview_ours, torchview_lists):
        way(small)

    rows = [("what", "ours", "peer", "ratio", "target", "met"), ("---",) * 6]
    for name, most in TARGETS.items():
        rounds = ROUNDS_IF_SMALL if name.startswith("lenet") else FRESH
        ours, plain = fresh_medians(name, rounds=rounds)
        rows.append(row(f"{name}: analysis / plain meta forward", ours, plain, most))
    gc.collect()
    gc.freeze()
    ours, info, flops = medians("densenet-201", analyze_cold, torchinfo_summary, fvcore_flops)
    rows.append(row("densenet-201: analysis / torchinfo", ours, info))
    rows.append(row("densenet-201: analysis / fvcore on the CPU", ours, flops))
    for name, ours_way, peers_way, times, rounds in (
        ("densenet-201, lists of maps", draw_lists, torchview_lists, 20, ROUNDS_IF_SLOW),
        ("densenet-201, running concatenation", draw_unfolded, torchview_ours, None, ROUNDS),
        ("resnet-152", draw_unfolded, torchview_ours, 3, ROUNDS),
    ):
        ours, peer = medians(name.split(",")[0], ours_way, peers_way, rounds=rounds)
        what = f"{name}: analysis and drawing / torchinfo, torchview and dot"
        target, met = "", ""
        if times:
            target, met = f">= {times} times faster", yes_or_no(peer >= times * ours)
        rows.append(
            (what, shown(ours), shown(peer), f"{peer / ours:.1f} times faster", target, met)
        )
    (ours,) = medians("densenet-264", draw_unfolded)
    what = "densenet-264: analysis and unfolded drawing"
    rows.append((what, shown(ours), "", "", "< 2 s", yes_or_no(ours < 2)))

    packages = ("torch", "torchinfo", "fvcore", "torchview")
    print(", ".join(f"{package} {version(package)}" for package in packages), end="\n\n")
    for cells in rows:
        print("|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
