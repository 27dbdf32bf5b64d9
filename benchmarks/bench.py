"""How fast cnnviz is, beside the tools that do parts of the same work.

    python -m benchmarks.bench

prints one Markdown table. Analysis is timed against the least that a shape-only pass costs, a
plain build and forward on the meta device, and against torchinfo and fvcore; analysis with the
fully unfolded drawing against torchinfo, torchview and Graphviz together.

Every side gets the same network and input shape and starts at the spec, so building the module is
in every time. All run on the meta device but fvcore, whose tracing fails there on batch norm: it
builds and runs on the CPU. Our cached reports are dropped before each timing.

The ways of one comparison take turns, round after round, and the table holds medians: on a busy
machine the seconds drift, the ratios much less. Each way first runs once on a small network, so
no time holds an import or the first call of a process. What is alive by then is frozen, and
garbage is collected before each timing, so nobody pays for another's objects.

The number of threads is left as torch sets it. It makes no difference on the meta device, where
nothing is computed, and a single thread would only hold back fvcore.
"""

import gc
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median

import torch
import torchinfo
from fvcore.nn import FlopCountAnalysis
from torch import nn
from torchview import draw_graph

import cnnviz
from cnnviz.analysis import trace
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.analysis.report import Report
from cnnviz.families import Spec
from cnnviz.render.diagram import to_dot, to_svg

ROUNDS = 200
SECONDS = 15  # of one comparison; no further round starts after this
DOT_SECONDS = 120
EVERY_DEPTH = 99


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


def torchinfo_summary(spec: Spec) -> nn.Module:
    module = build(spec)
    torchinfo.summary(module, input_size=spec.input_shape, device="meta", verbose=0)
    return module


def fvcore_flops(spec: Spec) -> int:
    flops = FlopCountAnalysis(build(spec, "cpu"), torch.empty(spec.input_shape))
    return flops.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


def torchinfo_and_torchview(spec: Spec) -> None:
    """Table and unfolded drawing of one module; at `DOT_SECONDS` the time is a lower bound."""
    drawing = draw_graph(
        torchinfo_summary(spec),
        input_size=spec.input_shape,
        device="meta",
        expand_nested=True,
        depth=EVERY_DEPTH,
        save_graph=False,
    )
    source = drawing.visual_graph.source.encode()
    try:
        subprocess.run(
            ["dot", "-Tsvg"], input=source, capture_output=True, timeout=DOT_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        return


def medians(name: str, *ways: Callable[[Spec], object]) -> list[float]:
    """Seconds of each way on one network, the ways taking turns."""
    spec = cnnviz.spec(name)
    times: list[list[float]] = [[] for _ in ways]
    end = time.perf_counter() + SECONDS
    for _ in range(ROUNDS):
        for way, seconds in zip(ways, times, strict=True):
            gc.collect()
            start = time.perf_counter()
            way(spec)
            seconds.append(time.perf_counter() - start)
        if time.perf_counter() > end:
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
    peers = (plain_forward, torchinfo_summary, fvcore_flops)
    small = cnnviz.spec("densenet", depths=(2, 2))
    for way in (draw_unfolded, *peers, torchinfo_and_torchview):
        way(small)
    gc.collect()
    gc.freeze()

    rows = [("what", "ours", "peer", "ratio", "target", "met"), ("---",) * 6]
    for name, most in (("densenet-121", None), ("lenet-d2l", 1.0), ("lenet-5", 1.0)):
        ours, plain = medians(name, analyze_cold, plain_forward)
        rows.append(row(f"{name}: analysis / plain meta forward", ours, plain, most))
    ours, plain, info, flops = medians("densenet-201", analyze_cold, *peers)
    rows.append(row("densenet-201: analysis / plain meta forward", ours, plain, 0.5))
    rows.append(row("densenet-201: analysis / torchinfo", ours, info))
    rows.append(row("densenet-201: analysis / fvcore on the CPU", ours, flops))
    ours, both = medians("densenet-201", draw_unfolded, torchinfo_and_torchview)
    what = "densenet-201: analysis and unfolded drawing / torchinfo, torchview and dot"
    times, met = f"{both / ours:.1f} times faster", yes_or_no(both >= 20 * ours)
    rows.append((what, shown(ours), shown(both), times, ">= 20 times faster", met))
    (ours,) = medians("densenet-264", draw_unfolded)
    what = "densenet-264: analysis and unfolded drawing"
    rows.append((what, shown(ours), "", "", "< 2 s", yes_or_no(ours < 2)))

    packages = ("torch", "torchinfo", "fvcore", "torchview")
    print(", ".join(f"{package} {version(package)}" for package in packages), end="\n\n")
    for cells in rows:
        print("|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
