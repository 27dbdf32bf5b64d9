"""Which way of training is the fastest on this GPU: images a second, beside plain fp32.

    python -m benchmarks.gpu_speed

prints one Markdown table on synthetic images: ResNet-18 at 32 px and ResNet-50 at 224 px, each way
in the same loop. "job" is the product's own training step with mixed precision and channels_last.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.training.images import statistics
from cnnviz.training.loop import Images, Trainer, half_precision
from cnnviz.training.recipe import Recipe

GPU = torch.device("cuda:0")
NETWORKS = (("resnet-18", 32, 512), ("resnet-50", 224, 128))  # preset, px, batch
WARM_UP, STEPS = 20, 100
Step = Callable[[], None]


@contextmanager
def network(preset: str, size: int, batch: int, *, channels_last: bool) -> Iterator[tuple]:
    """Module, optimiser and one batch on the GPU."""
    spec = cnnviz.spec(preset, image_size=size, stem="cifar" if size == 32 else "imagenet")
    torch.manual_seed(0)
    module = spec.build().to(GPU)
    images = torch.randn(batch, 3, size, size, device=GPU)
    if channels_last:
        module, images = (it.to(memory_format=torch.channels_last) for it in (module, images))
    labels = torch.randint(spec.num_classes, (batch,), device=GPU)
    yield module, torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9), images, labels
    torch.cuda.empty_cache()


def plain(module, optimiser, images, labels, half: torch.dtype | None) -> Step:
    def step() -> None:
        optimiser.zero_grad(set_to_none=False)
        with torch.autocast("cuda", dtype=half, enabled=half is not None):
            loss = F.cross_entropy(module(images), labels)
        loss.backward()
        optimiser.step()

    return step


def captured(step: Step) -> Step:
    """The same step as one CUDA graph."""
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


def job(module: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Step:
    """The product's step, its reports left out."""
    shape = tuple(images.shape[1:])
    mean, std = (it.to(GPU) for it in statistics(torch.zeros(1, *shape, dtype=torch.uint8)))
    data = Images(images, labels, shape, mean, std, ready=True)
    recipe = Recipe(precision="mixed", channels_last=True, batch_size=len(labels))
    trainer = Trainer(module, data, data, recipe)
    return lambda: trainer._step(images, labels)


def images_a_second(step: Step, batch: int) -> float:
    for _ in range(WARM_UP):
        step()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    torch.cuda.synchronize()
    return STEPS * batch / (time.perf_counter() - start)


def ways(preset: str, size: int, batch: int) -> Iterator[tuple[str, float]]:
    half = half_precision(GPU)
    for name, dtype, channels_last, wrap in (
        ("fp32, eager", None, False, lambda step: step),
        ("16 bits", half, False, lambda step: step),
        ("16 bits, channels_last", half, True, lambda step: step),
        ("16 bits, channels_last, CUDA graph", half, True, captured),
    ):
        with network(preset, size, batch, channels_last=channels_last) as parts:
            yield name, images_a_second(wrap(plain(*parts, dtype)), batch)
    with network(preset, size, batch, channels_last=True) as (module, *rest):
        compiled = torch.compile(module)
        name = "16 bits, channels_last, compiled"
        yield name, images_a_second(plain(compiled, *rest, half), batch)
    with network(preset, size, batch, channels_last=True) as (module, _, images, labels):
        yield "job", images_a_second(job(module, images, labels), batch)


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("There is no GPU here.")
    print(f"{torch.cuda.get_device_name(GPU)}, PyTorch {torch.__version__}\n")
    print("| network | way | images a second | against fp32 |\n| --- | --- | --- | --- |")
    for preset, size, batch in NETWORKS:
        slowest = 0.0
        for name, speed in ways(preset, size, batch):
            slowest = slowest or speed
            print(f"| {preset}, {size} px | {name} | {speed:,.0f} | {speed / slowest:.2f} |")


if __name__ == "__main__":
    main()
