"""What may go wrong on a GPU, provoked on a real one.

    python -m benchmarks.gpu_faults

prints a line for each check and exits with 1 if one fails. The memory of the GPU is used to its
end for a moment: nobody else should be computing on it.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

import cnnviz
from cnnviz.training.admission import estimate_memory
from cnnviz.training.batches import on_device
from cnnviz.training.data import load
from cnnviz.training.local import LocalBackend
from cnnviz.training.loop import Event, Trainer
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request

GPU = "cuda:0"
GIGABYTE = 10**9
SPARE = GIGABYTE // 4  # what other processes may take or give back meanwhile
SECONDS = 120
NETWORKS = (("lenet-d2l", 512), ("resnet-20", 128), ("densenet-40-k12", 64), ("resnet-18", 32))


def fill_memory(request: Request, folder: Path) -> Iterator[Event]:
    yield {"kind": "start"}
    blocks = []
    while True:
        blocks.append(torch.empty(GIGABYTE, dtype=torch.uint8, device=GPU))


def hold_memory(request: Request, folder: Path) -> Iterator[Event]:
    block = torch.ones(4 * GIGABYTE, dtype=torch.uint8, device=GPU)
    yield {"kind": "start", "bytes": block.numel()}
    time.sleep(SECONDS)


def device_assert(request: Request, folder: Path) -> Iterator[Event]:
    yield {"kind": "start"}
    rows = torch.tensor([10**6], device=GPU)
    torch.zeros(10, device=GPU)[rows].cpu()


def run(job, *, kill: bool = False) -> list[Event]:
    """The events of a job in a process of its own, killed after its first if asked."""
    backend = LocalBackend(threads=1, job=job)
    request = Request("lenet-d2l", cnnviz.spec("lenet-d2l"), Recipe(), "fashion-mnist-6k", GPU)
    with tempfile.TemporaryDirectory() as folder:
        handle = backend.start(request, Path(folder))
        events: list[Event] = []
        for _ in range(SECONDS * 20):
            new, status = backend.poll(handle)
            events += new
            if new and kill:
                backend.kill(handle)
            if status is not None:
                return events
            time.sleep(0.05)
    backend.kill(handle)
    return events


def estimate_against_peak(name: str, batch: int) -> float:
    """The estimate of admission by the GPU's own peak."""
    spec = cnnviz.spec(name, num_classes=10)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    recipe = Recipe(epochs=1, batch_size=batch)
    train, test = on_device(load("fashion-mnist-6k"), spec.input_shape[1:], torch.device(GPU))
    images = torch.cuda.memory_allocated() - before
    trainer = Trainer(spec.build().to(GPU), train, test, recipe)
    for _ in range(3):
        trainer._step(*train.batch(slice(0, batch)))
    peak = torch.cuda.max_memory_allocated() - before - images
    return estimate_memory(spec, recipe.optimiser).total(batch) / peak


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("There is no GPU here.")
    checks = {}
    end = run(fill_memory)[-1]
    checks["a full GPU ends the job with its reason"] = end.get("code") == "gpu_memory"
    free = torch.cuda.mem_get_info()[0]
    run(hold_memory, kill=True)
    checks["a killed job gives its memory back"] = torch.cuda.mem_get_info()[0] > free - SPARE
    end = run(device_assert)[-1]
    checks["a device assert ends the job alone"] = end.get("kind") == "failed"
    checks["and the GPU works on"] = torch.ones(2, device=GPU).sum().item() == 2
    for name, batch in NETWORKS:
        ratio = estimate_against_peak(name, batch)
        checks[f"{name}, batch {batch}: estimate / peak = {ratio:.2f}"] = 0.8 <= ratio <= 1.2
    for what, holds in checks.items():
        print("yes" if holds else "NO ", what)
    sys.exit(not all(checks.values()))


if __name__ == "__main__":
    main()
