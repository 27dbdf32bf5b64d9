"""What may go wrong on a GPU, provoked in jobs on a real one."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

import cnnviz
from benchmarks.gpu.section import NotAsExpectedError, Row
from cnnviz.machine import free_bytes
from cnnviz.training.local import LocalBackend
from cnnviz.training.loop import Event
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob

HEAD = ("what happens", "what is seen")
GIGABYTE = 10**9
HELD = 2 * GIGABYTE
SPARE = GIGABYTE // 4  # what other processes may take meanwhile
SECONDS = 20  # that a job may take


def fill_memory(request: Request, folder: Path) -> Iterator[Event]:
    yield {"kind": "start"}
    blocks = []
    while True:
        blocks.append(torch.empty(GIGABYTE, dtype=torch.uint8, device=request.device))


def hold_memory(request: Request, folder: Path) -> Iterator[Event]:
    block = torch.ones(HELD, dtype=torch.uint8, device=request.device)
    while True:  # reports, so that it ends with whoever listens
        yield {"kind": "start", "bytes": block.numel()}
        time.sleep(0.1)


def device_assert(request: Request, folder: Path) -> Iterator[Event]:
    yield {"kind": "start"}
    rows = torch.tensor([10**6], device=request.device)
    torch.zeros(10, device=request.device)[rows].cpu()


def full(device: str) -> str:
    end = events(fill_memory, device)[-1]
    if end.get("code") != "gpu_memory":
        raise NotAsExpectedError(f"the job's last word is {end}")
    return f"the job ends: {end['message']['en']}"


def killed(device: str) -> str:
    free = free_bytes(device)
    first = events(hold_memory, device, kill=True)[0]
    if first["kind"] != "start":
        raise NotAsExpectedError(f"the job's first word is {first}")
    missing = free - free_bytes(device)
    if missing > SPARE:
        raise NotAsExpectedError(f"{missing / GIGABYTE:.2f} GB are still held")
    return f"of {HELD / GIGABYTE:.0f} GB, {max(0, missing) / GIGABYTE:.2f} are still held"


def asserted(device: str) -> str:
    end = events(device_assert, device)[-1]
    if end["kind"] != "failed":
        raise NotAsExpectedError(f"the job's last word is {end}")
    if torch.ones(2, device=device).sum().item() != 2:
        raise NotAsExpectedError("another process computes 1 + 1 wrongly")
    return "the job ends alone, and another process computes on"


CHECKS: dict[str, Callable[[str], str]] = {
    "a job fills the memory": full,
    "a job that holds memory is killed": killed,
    "a kernel of a job asserts": asserted,
}
CASES = tuple(CHECKS)


def measure(check: str, device: str) -> Iterator[Row]:
    """One row.

    Raises:
        NotAsExpectedError: something else is seen than a user was promised.
    """
    yield check, CHECKS[check](device)


def events(job: RunJob, device: str, *, kill: bool = False) -> list[Event]:
    """The events, one at least, of a job in a process of its own, killed after its first if asked.

    Raises:
        NotAsExpectedError: it does not end in time, or says nothing.
    """
    backend = LocalBackend(threads=1, job=job)
    request = Request("lenet-d2l", cnnviz.spec("lenet-d2l"), Recipe(), "fashion-mnist-6k", device)
    seen: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        handle = backend.start(request, Path(folder))
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            new, status = backend.poll(handle)
            seen += new
            if new and kill:
                backend.kill(handle)
            if status is not None and seen:
                return seen
            if status is not None:
                raise NotAsExpectedError(f"the job ended with code {status} and said nothing")
            time.sleep(0.05)
        backend.kill(handle)
    raise NotAsExpectedError(f"the job did not end within {SECONDS} s")
