"""Other people's networks: are they counted right, drawn, and left alone?

    pip install --no-deps --target FOLDER torchvision timm pytorchcv segmentation-models-pytorch
    python -m benchmarks.foreign FOLDER found.jsonl            # goes on where it stopped
    python -m benchmarks.foreign FOLDER found.jsonl --summary  # the table for docs/foreign.md

Of each network of up to 100 million parameters, built with random weights at the size of its own
image (of timm and pytorchcv, one network of each file), it holds, on the CPU where the network
decides by values,

- MACs against torch's FlopCounterMode / 2 on the meta device,
- parameters against those of the module,
- the module against itself before: tensors, attributes, hooks, modes,
- every folding of its graph, and ones at random, against cycles, and writes each as DOT,
- the drawing that a page opens with: SVG from Graphviz, with each box of the graph in it,
- saved bytes against autograd's on the CPU, of the networks that are small enough,
- the receptive field of a layer against which pixels have a gradient, likewise,
- CPU seconds of the analysis against those of a plain forward on the meta device.
"""

import argparse
import copy
import gc
import json
import random
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock
from xml.etree import ElementTree

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnnviz
from benchmarks.zoos import OTHERS, Build, Given, networks
from cnnviz.analysis.graph import fold, open_to_depth, scopes
from cnnviz.analysis.refusals import NeedsValues
from cnnviz.analysis.report import Report
from cnnviz.render.diagram import DrawingError, to_dot, to_svg

ROUNDS = 2
FOLDINGS = 6  # at random
WRITTEN = 6  # foldings that are written as DOT
LARGEST = 100e6  # parameters
SMALL_PARAMS = 30e6  # of networks that are run for real
SMALL_MACS = 1.2e9
FIELDS = 150  # px, of the fields that are looked for in a gradient
_OF_MEANS = ("stride", "padding", "ceil_mode")


def state(module: nn.Module) -> list[Any]:
    """All that an analysis could change: the tensors' places, versions and what else is kept."""
    found: list[Any] = []
    for name, part in module.named_modules():
        for key, value in vars(part).items():
            if isinstance(value, dict):
                items = [(k, id(v)) for k, v in value.items()]
                found.append((name, key, items))
            else:
                found.append((name, key, id(value), str(value)[:200]))
    for name, tensor in chain(module.named_parameters(), module.named_buffers()):
        found.append((name, tensor.device, tensor.data_ptr(), tensor._version))
    return found


def has_cycle(report: Report, opened: frozenset[str], *, together: bool) -> bool:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source, target in fold(report, opened, together=together).edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


def foldings(report: Report) -> Iterator[frozenset[str]]:
    everything = sorted(scopes(report))
    yield from (open_to_depth(report, depth) for depth in (1, 2, 3, 99))
    for number in range(FOLDINGS):
        chosen = random.Random(number).sample(everything, len(everything) * number // FOLDINGS)
        yield frozenset(chosen)


def is_drawn(report: Report) -> bool:
    """Whether Graphviz draws each box of the graph with its outermost blocks opened, in time."""
    graph = fold(report, open_to_depth(report, 1))
    try:
        svg = ElementTree.fromstring(to_svg(to_dot(report, graph)))
    except (DrawingError, ElementTree.ParseError):
        return False
    boxes = [part for part in svg.iter() if part.get("class", "").startswith("node")]
    return len(boxes) == len(graph.nodes) + 1  # the image


def flops(module: nn.Module, inputs: Sequence[Any]) -> int:
    torch.backends.mha.set_fastpath_enabled(False)  # it hides its products from the counter
    counter = FlopCounterMode(display=False)
    # its tracker of modules stumbles over parameters that are handed to a module
    tracker: Any = nullcontext()
    tracker.parents = {"Global"}
    counter.mod_tracker = tracker
    with torch.no_grad(), counter:
        module(*inputs)
    return counter.get_total_flops()


def seconds(function: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def saved_by_autograd(module: nn.Module, image: torch.Tensor) -> int:
    own = {t.untyped_storage().data_ptr() for t in [*module.parameters(), *module.buffers()]}
    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = module.train()(image)
    del output
    return sum(storage.nbytes() for storage in seen.values())


def field_is_right(module: nn.Module, report: Report, image: torch.Tensor) -> bool | None:
    """Whether the pixels with a gradient are those of the field, at the middle of a layer's map."""
    rows = [
        layer
        for layer in report.layers
        if "convolution" in layer.kind
        and layer.name == layer.scope
        and isinstance(layer.field, tuple)
        and isinstance(layer.receptive_field, int)
        and 3 < layer.receptive_field <= FIELDS
    ]
    if not rows or ":" in rows[-1].scope:
        return None
    layer, outputs = rows[-1], []
    module = module.double().eval()
    torch.manual_seed(0)
    for parameter in module.parameters():  # positive, so that nothing cancels
        fan_in = parameter[0].numel() if parameter.ndim > 1 else 1
        nn.init.uniform_(parameter, 0.5 / fan_in, 1.5 / fan_in)
    part = module.get_submodule(layer.scope)
    part.register_forward_hook(lambda part, args, output: outputs.append(output))
    image = (1e-3 * torch.rand(image.shape, dtype=torch.double)).requires_grad_()
    mean = partial(_mean_for_max, F.avg_pool2d)
    with mock.patch.object(F, "max_pool2d", mean):  # the gradient of a maximum is of one alone
        module(image)
    unit = [side // 2 for side in outputs[0].shape[2:]]
    one = outputs[0][0, :, unit[0], unit[1]].square().sum()
    (gradient,) = torch.autograd.grad(one, image)
    seen = gradient.abs().sum((0, 1)).nonzero()
    if not len(seen):
        return None  # all of it is at the flat part of an activation
    for axis, at, places, side in zip(
        layer.field, unit, seen.unbind(1), image.shape[2:], strict=True
    ):
        low, high = axis.interval(at)
        if (places.min().item(), places.max().item()) != (max(0, low), min(side - 1, high)):
            return False
    return True


def _mean_for_max(mean: Any, x: Any, kernel: Any, *args: Any, **kwargs: Any) -> Any:
    names = ("stride", "padding", "dilation", "ceil_mode", "return_indices")
    given = dict(zip(names, args, strict=False)) | kwargs
    return mean(x, kernel, **{name: given[name] for name in _OF_MEANS if name in given})


def _on_meta(build: Build) -> nn.Module:
    """Built without memory; or moved there, where the building itself needs values."""
    try:
        with torch.device("meta"):
            return build().to("meta").eval()
    except NotImplementedError:
        return build().to("meta").eval()


def arguments(given: Given, device: str) -> tuple[Any, ...]:
    """Zeros of these shapes; of a single axis, whole numbers."""
    return tuple(
        one
        if isinstance(one, int)
        else torch.zeros(one, device=device, dtype=torch.long if len(one) == 1 else None)
        for one in given
    )


def _one_image(module: nn.Module, size: int) -> Given:
    side = getattr(module, "in_size", (size,))[0]  # as pytorchcv's networks say it
    return ((1, 3, side, side),)


def look_at(name: str, build: Build, size: int) -> dict[str, Any]:
    """All that is held of one network."""
    meta = _on_meta(build)
    given = OTHERS.get(name) or _one_image(meta, size)
    count = sum(parameter.numel() for parameter in meta.parameters() if parameter.requires_grad)
    if count > LARGEST and name not in OTHERS:
        return {}
    with mock.patch.object(nn.init, "trunc_normal_", lambda tensor, *_, **__: tensor):
        module = build() if count < SMALL_PARAMS else meta
    before = state(module)
    device = "meta"
    try:
        report = cnnviz.analyze(module, inputs=arguments(given, "meta"))
    except NeedsValues:
        device = "cpu"
        module = build() if module is meta else module
        before = state(module)
        report = cnnviz.analyze(module, inputs=arguments(given, "cpu"), device="cpu")
    found: dict[str, Any] = {"untouched": state(module) == before, "device": device}
    inputs = arguments(given, "meta")
    if module is not meta:
        try:
            meta(*inputs)
        except (RuntimeError, TypeError):  # it makes tensors on the CPU, or needs values
            meta, inputs = copy.deepcopy(module).eval(), arguments(given, "cpu")
    found["params"] = report.params == count
    found |= {
        "macs": report.macs * report.input_shape[0],
        "flops": flops(meta, inputs),
        "ops": len(report.layers),
    }
    # as one function, which FlopCounterMode does not look into; tests hold it against the formula
    lstm = [layer.macs or 0 for layer in report.layers if layer.operation == "lstm"]
    found["lstm"] = sum(lstm) * report.input_shape[0]
    # each row is rounded down to whole MACs for one of several images
    found["rounded"] = (report.input_shape[0] - 1) * len(report.layers)
    found["unknown"] = report.unknown[:5]
    found["unknown_saved"] = report.unknown_saved[:3]
    found["field"] = report.receptive_field
    found["field_unknown"] = report.field_unknown[:3]
    found["cycles"] = 0
    for number, opened in enumerate(foldings(report)):
        for together in (False, True):
            found["cycles"] += has_cycle(report, opened, together=together)
        if number < WRITTEN:
            to_dot(report, fold(report, opened, together=number % 2 == 1))
    found["drawn"] = is_drawn(report)
    with torch.no_grad():
        plain = seconds(lambda: meta(*inputs))
    again = partial(cnnviz.analyze, module, inputs=arguments(given, device), device=device)
    found["ratio"] = seconds(again) / plain
    found["plain"] = plain
    if count < SMALL_PARAMS and report.macs < SMALL_MACS and name not in OTHERS:
        shape = given[0]
        two = cnnviz.analyze(module, (2, *shape[1:]), device)
        if not two.unknown_saved:
            exact = saved_by_autograd(copy.deepcopy(module), torch.zeros(2, *shape[1:]))
            found["saved"] = [two.saved_bytes, exact]
        found["support"] = field_is_right(module, report, torch.zeros(shape))
    return found


def right(found: dict[str, Any]) -> bool:
    """Whether the MACs are FlopCounterMode's, or named rows say what is not known."""
    missing = found["flops"] // 2 - found["macs"]
    rounded = range(found.get("rounded", 0) + 1)
    return missing in rounded or missing + found.get("lstm", 0) in rounded or bool(found["unknown"])


def summary(rows: list[dict[str, Any]]) -> None:
    rows = [row for row in rows if "skipped" not in row]
    good = [row for row in rows if "error" not in row]
    print(f"{len(rows)} networks, {len(good)} analysed")
    print("MACs as FlopCounterMode, or the rest named:", sum(map(right, good)))
    for key in ("params", "untouched", "drawn"):
        print(f"{key}:", sum(row[key] for row in good))
    print("without a cycle:", sum(not row["cycles"] for row in good))
    for key, same in (("saved", lambda pair: pair[0] == pair[1]), ("support", bool)):
        held = [row[key] for row in good if row.get(key) is not None]
        print(f"{key}:", sum(map(same, held)), "of", len(held))
    ratios = [row["ratio"] for row in good]
    print(f"analysis / plain meta forward: median {median(ratios):.2f}, most {max(ratios):.2f}")
    for row in rows:
        if "error" in row:
            print(row["name"], row["error"])
        elif (
            not (
                right(row)
                and row["params"]
                and row["untouched"]
                and row["drawn"]
                and not row["cycles"]
            )
            or row.get("support") is False
            or (row.get("saved") and len({*row["saved"]}) > 1)
        ):
            print(row)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("found", type=Path)
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--most", type=int, default=10**6, help="networks to look at now")
    parser.add_argument("--only", default="", help="networks whose name holds this")
    chosen = parser.parse_args()
    lines = chosen.found.read_text().splitlines() if chosen.found.exists() else []
    rows = [json.loads(line) for line in lines]
    if chosen.summary:
        return summary(rows)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    known = {row["name"] for row in rows}
    ahead = (
        row for row in networks(chosen.folder) if row[0] not in known and chosen.only in row[0]
    )
    for (name, build, size), _ in zip(ahead, range(chosen.most), strict=False):
        try:
            found = look_at(name, build, size)
            row = {"name": name, **(found or {"skipped": "too large"})}
        except Exception as error:
            row = {"name": name, "error": f"{type(error).__name__}: {str(error)[:200]}"}
        gc.collect()  # of networks in cycles, whose memory Python does not see
        with chosen.found.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(row, flush=True)
    return None


if __name__ == "__main__":
    main()
