"""What may go wrong on a GPU, provoked in jobs on a real one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

import cnnviz
from benchmarks.gpu.batch import random_batch
from benchmarks.gpu.job import events
from benchmarks.gpu.section import NotAsExpectedError, Row
from cnnviz.machine import free_bytes
from cnnviz.training.events import Event, Failed, Started
from cnnviz.training.loop import Trainer
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob

HEAD = ("what happens", "what is seen")
GIGABYTE = 10**9
HELD = 2 * GIGABYTE
SPARE = GIGABYTE // 4  # what other processes may take meanwhile
SECONDS = 20  # that a job may take
ROUNDING = 0.02  # of a loss, after eight steps in TF32


def fill_memory(request: Request, folder: Path) -> Iterator[Event]:
    yield Started()
    blocks = []
    while True:
        blocks.append(torch.empty(GIGABYTE, dtype=torch.uint8, device=request.device))


def hold_memory(request: Request, folder: Path) -> Iterator[Event]:
    block = torch.ones(HELD, dtype=torch.uint8, device=request.device)
    while True:  # reports, so that it ends with whoever listens
        yield Started(params=block.numel())
        time.sleep(0.1)


def device_assert(request: Request, folder: Path) -> Iterator[Event]:
    yield Started()
    rows = torch.tensor([10**6], device=request.device)
    torch.zeros(10, device=request.device)[rows].cpu()


def full(device: str) -> str:
    end = _seen(fill_memory, device)[-1]
    if not isinstance(end, Failed) or end.code != "gpu_memory":
        raise NotAsExpectedError(f"the job's last word is {end}")
    return f"the job ends: {end.message.en}"


def killed(device: str) -> str:
    free = free_bytes(device)
    first = _seen(hold_memory, device, kill=True)[0]
    if not isinstance(first, Started):
        raise NotAsExpectedError(f"the job's first word is {first}")
    missing = free - free_bytes(device)
    if missing > SPARE:
        raise NotAsExpectedError(f"{missing / GIGABYTE:.2f} GB are still held")
    return f"of {HELD / GIGABYTE:.0f} GB, {max(0, missing) / GIGABYTE:.2f} are still held"


def asserted(device: str) -> str:
    end = _seen(device_assert, device)[-1]
    if not isinstance(end, Failed):
        raise NotAsExpectedError(f"the job's last word is {end}")
    if torch.ones(2, device=device).sum().item() != 2:
        raise NotAsExpectedError("another process computes 1 + 1 wrongly")
    return "the job ends alone, and another process computes on"


def replayed(device: str) -> str:
    """Losses of steps that are replayed, beside those of the same steps that are not."""
    plain, graph = losses(device, replay=False), losses(device, replay=True)
    apart = max(abs(a - b) / a for a, b in zip(plain, graph, strict=True))
    if not apart < ROUNDING:
        raise NotAsExpectedError(f"losses differ by {apart:.1%}: {plain} and {graph}")
    return f"{len(plain)} steps with the same losses but for {apart:.0e}"


def losses(device: str, *, replay: bool) -> list[float]:
    spec, recipe = cnnviz.spec("resnet-20"), Recipe(learning_rate=0.01)
    torch.manual_seed(0)
    module = spec.build().to(device)
    data = random_batch(spec, 8 * recipe.batch_size, device)
    trainer = Trainer(module, data, data, recipe)
    if not replay:
        trainer.backward = trainer._backward
    steps = (slice(n, n + recipe.batch_size) for n in range(0, len(data), recipe.batch_size))
    return [trainer._step(*data.batch(rows))[0].item() for rows in steps]


CHECKS: dict[str, Callable[[str], str]] = {
    "a job fills the memory": full,
    "a job that holds memory is killed": killed,
    "a kernel of a job asserts": asserted,
    "steps are replayed as a CUDA graph": replayed,
}
CASES = tuple(CHECKS)


def measure(check: str, device: str) -> Iterator[Row]:
    """One row.

    Raises:
        NotAsExpectedError: something else is seen than a user was promised.
    """
    yield check, CHECKS[check](device)


def _seen(job: RunJob, device: str, *, kill: bool = False) -> list[Event]:
    request = Request("lenet-d2l", cnnviz.spec("lenet-d2l"), Recipe(), "fashion-mnist-6k", device)
    return events(request, SECONDS, job, kill=kill)
