"""How long a whole network takes to be drawn unfolded, by us and by other tools.

    python -m benchmarks.drawing

prints two Markdown tables. In the first each tool draws the same networks from the spec on, in a
process of its own that is ended after a minute; in the second we draw every preset whose report is
at hand, as the server does when somebody unfolds everything.
"""

import time
from importlib.metadata import version
from statistics import median

import cnnviz
from benchmarks.tools import SECONDS, TOOLS, is_installed, seconds
from cnnviz.analysis.graph import fold, scopes
from cnnviz.render.diagram import draw
from cnnviz.zoo import PRESETS

NETWORKS = ("resnet-50", "googlenet", "inception-v4", "densenet-121", "densenet-264")
ROUNDS = 3
SLOWEST = 3
TARGET = 1.0  # seconds, of the server's drawing


def shown(time: float | str) -> str:
    if isinstance(time, str):
        return f"fails: {time[:80]}"
    return f"> {SECONDS} s" if time >= SECONDS else f"{time:.2f} s"


def server_seconds(preset: str) -> float:
    report = cnnviz.analyze(PRESETS[preset].spec)
    everything = scopes(report)
    fold(report, everything, together=True)  # the page has it, too, when it asks for the drawing
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        draw(report, everything, together=True)
        times.append(time.perf_counter() - start)
    return median(times)


def compared() -> None:
    tools = [tool for tool in TOOLS if is_installed(tool)]
    print(", ".join(f"{tool} {version(tool)}" for tool in tools[1:]), end="\n\n")
    print("| unfolded, from the spec on |", " | ".join(tools), "|")
    print("| --- |", " | ".join("---" for _ in tools), "|")
    for preset in NETWORKS:
        print(f"| {preset} |", " | ".join(shown(seconds(tool, preset)) for tool in tools), "|")
    for tool in TOOLS.keys() - tools:
        print(f"\n{tool} is not installed; to compare with it:", end=" ")
        print(".venv/bin/pip install -r requirements-bench.txt")


def served() -> None:
    times = {preset: server_seconds(preset) for preset in PRESETS}
    slowest = sorted(times, key=lambda preset: -times[preset])[:SLOWEST]
    print("\n| drawing alone, unfolded | server | target | met |\n| --- | --- | --- | --- |")
    for preset in slowest:
        met = "yes" if times[preset] < TARGET else "no"
        print(f"| {preset} | {shown(times[preset])} | < {TARGET:g} s | {met} |")
    typical = shown(median(times.values()))
    print(f"\nThe slowest of {len(times)} presets, whose median is {typical}.")


if __name__ == "__main__":
    compared()
    served()
