"""The GPUs of this machine: NVIDIA's, cuda:0 and so on, and Apple's, which torch calls mps.

What differs between them is said here. An Apple GPU shares the main memory, does not tell the most
that it held, knows no 64-bit numbers, and lacks some ops.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnviz.text import ExplainedError, Text

if TYPE_CHECKING:
    import torch

APPLE = "mps"
_LONGEST = 160  # characters of what torch says


class MissingOpError(ExplainedError):
    """Something that an Apple GPU cannot do.

    Args:
        what: the op, as torch names it, or torch's own words.
    """

    def __init__(self, what: str):
        message = Text(
            "The Apple GPU (mps) cannot do this: {what}. Take cpu, or start cnnviz with "
            "PYTORCH_ENABLE_MPS_FALLBACK=1, and the CPU does it.",
            "Apple GPU（mps）无法完成：{what}。请使用 cpu，或设置 PYTORCH_ENABLE_MPS_FALLBACK=1 "
            "后启动 cnnviz，由 CPU 代为计算。",
        )
        super().__init__(message.format(what=what))


def gpus() -> list[str]:
    """The names that torch has for them."""
    import torch  # noqa: PLC0415 (main memory can be looked at without)

    apple = [APPLE] if torch.backends.mps.is_available() else []
    return [*(f"cuda:{index}" for index in range(torch.cuda.device_count())), *apple]


def product(gpu: str) -> str:
    """The name of the product."""
    import torch  # noqa: PLC0415

    if gpu != APPLE:
        return torch.cuda.get_device_name(gpu)
    named = getattr(torch.backends.mps, "get_name", None)  # torch 2.6 does not tell
    return str(named()) if named else "Apple GPU"


def memory(gpu: str) -> tuple[int, int]:
    """Bytes that are free, and bytes in all that may be used."""
    import psutil  # noqa: PLC0415
    import torch  # noqa: PLC0415

    if gpu != APPLE:
        return torch.cuda.mem_get_info(gpu)
    total = torch.mps.recommended_max_memory()
    free = min(total - torch.mps.driver_allocated_memory(), psutil.virtual_memory().available)
    return max(0, free), total


def limit_memory(gpu: str, most: float) -> None:
    """Let this process hold at most so many bytes."""
    import torch  # noqa: PLC0415

    share = min(1.0, most / memory(gpu)[1])
    if gpu == APPLE:
        torch.mps.set_per_process_memory_fraction(share)
    else:
        torch.cuda.set_per_process_memory_fraction(share, torch.device(gpu))


def wait(device: torch.device) -> None:
    """Let a GPU do all that it was asked for; a CPU has done it."""
    import torch  # noqa: PLC0415

    if device.type == APPLE:
        torch.mps.synchronize()
    elif device.type == "cuda":
        torch.cuda.synchronize(device)


def give_back() -> None:
    """Leave to others the memory that torch holds and does not use."""
    import torch  # noqa: PLC0415

    torch.cuda.empty_cache()  # does nothing where none is in use
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def sums(device: torch.device) -> torch.dtype:
    """The type of long sums: 64 bits where the device has them."""
    import torch  # noqa: PLC0415

    return torch.float32 if device.type == APPLE else torch.float64


def is_full(error: Exception) -> bool:
    """Whether an error says that a GPU's memory is full."""
    import torch  # noqa: PLC0415

    return isinstance(error, torch.OutOfMemoryError) or "MPS backend out of memory" in str(error)


def missing(error: Exception) -> MissingOpError | None:
    """The sentence for an error in which torch says what an Apple GPU cannot do."""
    said = str(error)
    if "MPS" not in said or not re.search(r"support|implemented", said):
        return None
    op = re.search(r"operator '([\w:.]+)'", said)
    return MissingOpError(op[1] if op else re.split(r"[.\n]", said)[0][:_LONGEST])
