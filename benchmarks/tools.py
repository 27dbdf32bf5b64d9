"""A whole network, unfolded, drawn by one tool in a process of its own.

    python -m benchmarks.tools torchview densenet-264

says "ready" when everything is imported and a small network is drawn, waits for a line, draws, and
prints the seconds. Every tool starts at the spec: building the module is in its time.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import torch
from torch import nn

import cnnviz
from cnnviz.analysis.graph import scopes
from cnnviz.families import Spec
from cnnviz.render.diagram import draw

SECONDS = 60
EVERY_DEPTH = 99


def with_cnnviz(spec: Spec) -> None:
    """Our drawing, as the page shows it with everything unfolded."""
    report = cnnviz.analyze(spec)
    draw(report, scopes(report), together=True)


def with_torchview(spec: Spec) -> None:
    """torchview's graph of every module and op, drawn by Graphviz as an SVG."""
    with torch.device("meta"):
        module = spec.build().eval()
    source = torchview_source(module, spec)
    subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, check=True)


def torchview_source(module: nn.Module, spec: Spec) -> bytes:
    """What torchview has Graphviz draw of a module on the meta device."""
    from torchview import draw_graph  # noqa: PLC0415 - it may not be there

    drawing = draw_graph(
        module,
        input_size=spec.input_shape,
        device="meta",
        expand_nested=True,
        depth=EVERY_DEPTH,
        save_graph=False,
    )
    source: str = drawing.visual_graph.source
    return source.encode()


def with_visualtorch(spec: Spec) -> None:
    """visualtorch's graph with one box a layer, as a PNG; it runs the network on the CPU."""
    import visualtorch  # noqa: PLC0415 - it may not be there

    picture = visualtorch.render(
        spec.build().eval(), spec.input_shape, style="graph", show_neurons=False
    )
    with tempfile.TemporaryFile() as file:
        picture.save(file, "PNG")


TOOLS: dict[str, Callable[[Spec], None]] = {
    "cnnviz": with_cnnviz,
    "torchview": with_torchview,
    "visualtorch": with_visualtorch,
}


def is_installed(tool: str) -> bool:
    return importlib.util.find_spec(tool) is not None


def seconds(tool: str, preset: str) -> float | str:
    """How long a tool takes; SECONDS if it was ended then, or what it fails with."""
    command = [sys.executable, "-m", "benchmarks.tools", tool, preset]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            printed, errors = process.communicate("draw\n", timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # Graphviz, too, which is in the same group
            return SECONDS
    return float(printed) if process.returncode == 0 else errors.strip().splitlines()[-1].strip()


def main(tool: str, preset: str) -> None:
    torch.set_num_threads(1)
    draw_with = TOOLS[tool]
    draw_with(cnnviz.spec("densenet", depths=(2, 2), image_size=32))
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.perf_counter()
    draw_with(cnnviz.spec(preset))
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
