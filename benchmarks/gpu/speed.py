"""Which way of training is the fastest on this GPU: images a second, beside plain fp32."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from benchmarks.gpu.batch import random_batch
from benchmarks.gpu.section import Row
from cnnviz.training.batches import Images
from cnnviz.training.loop import Trainer, half_precision
from cnnviz.training.recipe import Recipe

HEAD = ("network", "way", "images a second", "against fp32")
NETWORKS = {  # preset, px, batch
    "a demo's": ("resnet-50", 32, 64),
    "small": ("resnet-18", 32, 512),
    "large": ("resnet-50", 224, 128),
}
CASES = tuple(NETWORKS)
COMPILED = "resnet-18"  # the deeper ones take longer than a minute to compile
WARM_UP, STEPS = 10, 50
Step = Callable[[], object]


@dataclass(frozen=True)
class Way:
    """A way to train: in 16 bits or 32, pixel by pixel or not, and how a step is made."""

    name: str
    half: bool
    channels_last: bool
    step: Callable[[nn.Module, Images, torch.dtype | None], Step]


def measure(case: str, device: str) -> Iterator[Row]:
    """A row for each way."""
    preset, size, batch = NETWORKS[case]
    plain = 0.0
    for way in WAYS:
        if way.step is compiled and preset != COMPILED:
            continue
        speed = images_a_second(way, case, device)
        plain = plain or speed  # of the first way
        network = f"{preset}, {size} px, batch {batch}"
        yield network, way.name, f"{speed:,.0f}", f"{speed / plain:.2f}"
        torch.cuda.empty_cache()


def images_a_second(way: Way, case: str, device: str) -> float:
    preset, size, batch = NETWORKS[case]
    spec = cnnviz.spec(preset, image_size=size, stem="cifar" if size == 32 else "imagenet")
    torch.manual_seed(0)
    layout = torch.channels_last if way.channels_last else torch.contiguous_format
    module = spec.build().to(device).to(memory_format=layout)
    data = random_batch(spec, batch, device)
    data = replace(data, images=data.images.to(memory_format=layout))
    half = half_precision(torch.device(device)) if way.half else None
    step = way.step(module, data, half)
    for _ in range(WARM_UP):
        step()
    _wait(device)
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    _wait(device)
    return STEPS * batch / (time.perf_counter() - start)


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize(device)


def eager(module: nn.Module, data: Images, half: torch.dtype | None) -> Step:
    """What anybody would write."""
    optimiser = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    device = data.images.device.type

    def step() -> None:
        optimiser.zero_grad(set_to_none=False)  # a CUDA graph knows gradients by their addresses
        with torch.autocast(device, dtype=half, enabled=half is not None):
            loss = F.cross_entropy(module(data.images), data.labels)
        loss.backward()
        optimiser.step()

    return step


def captured(module: nn.Module, data: Images, half: torch.dtype | None) -> Step:
    """The same step as one CUDA graph."""
    step = eager(module, data, half)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def compiled(module: nn.Module, data: Images, half: torch.dtype | None) -> Step:
    """The same step of the module that torch.compile makes."""
    return eager(torch.compile(module), data, half)


def job(module: nn.Module, data: Images, half: torch.dtype | None) -> Step:
    """The step of a training job, its reports left out."""
    recipe = Recipe(
        precision="mixed" if half else "single", channels_last=True, batch_size=len(data)
    )
    trainer = Trainer(module, data, data, recipe)
    return lambda: trainer._step(data.images, data.labels)


# the compiled one comes last: it takes longest to begin, and is the likeliest to fail
WAYS = (
    Way("fp32, eager", half=False, channels_last=False, step=eager),
    Way("16 bits", half=True, channels_last=False, step=eager),
    Way("16 bits, channels_last", half=True, channels_last=True, step=eager),
    Way("16 bits, channels_last, CUDA graph", half=True, channels_last=True, step=captured),
    Way("job", half=True, channels_last=True, step=job),
    Way("16 bits, channels_last, compiled", half=True, channels_last=True, step=compiled),
)
