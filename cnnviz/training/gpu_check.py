"""Whether each GPU computes: python -m cnnviz.training.gpu_check writes what is wrong with any.

A process of its own, which the dispatcher starts at its start: it touches the GPUs, which a process
that forks jobs must not. `cnnviz health` reads the file, without torch.
"""

import json
import re
from pathlib import Path

from cnnviz.config import config
from cnnviz.gpus import APPLE, gpus, product

FILE = "gpus.json"  # in the data directory
# Generations of NVIDIA's by the capability they begin with
_GENERATIONS = {
    (3, 0): "Kepler",
    (5, 0): "Maxwell",
    (6, 0): "Pascal",
    (7, 0): "Volta",
    (7, 5): "Turing",
    (8, 0): "Ampere",
    (8, 9): "Ada Lovelace",
    (9, 0): "Hopper",
    (10, 0): "Blackwell",
}
_LAST_WITH_OLD = "https://download.pytorch.org/whl/cu126"  # Maxwell, Pascal and Volta


def faults() -> dict[str, str]:
    """The fault of each GPU of which there is one, found by a kernel on it."""
    found = {gpu: _fault(gpu) for gpu in gpus()}
    return {gpu: fault for gpu, fault in found.items() if fault}


def write() -> None:
    """Check every GPU and write the file."""
    path = _path()
    new = path.with_suffix(".new")
    new.write_text(json.dumps(faults()), "utf-8")
    new.replace(path)


def forget() -> None:
    """Take away what an earlier check has written."""
    _path().unlink(missing_ok=True)


def known_faults() -> dict[str, str]:
    """The faults of the last check; empty where none was made."""
    try:
        return dict(json.loads(_path().read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _path() -> Path:
    return config().data / FILE


def _fault(gpu: str) -> str:
    """What is wrong with a GPU, in a sentence; "" for nothing."""
    import torch  # noqa: PLC0415 (reading the file needs none)

    try:
        _compute(gpu)
    except Exception as error:  # a driver fails in many ways, each of them a fault of the GPU
        name, first = product(gpu), str(error).partition("\n")[0]
        if gpu != APPLE:
            capability = torch.cuda.get_device_capability(gpu)
            built_for = torch.cuda.get_arch_list()
            if not has_code(capability, built_for):
                return f"{name}: {no_code(capability, built_for)}"
        return f"{name} does not compute: {type(error).__name__}: {first}"[:300]
    return ""


def _compute(gpu: str) -> None:
    """Multiply on the GPU, by code of torch's own and by the library that most layers use.

    Raises:
        RuntimeError: it cannot, or the product is wrong.
    """
    import torch  # noqa: PLC0415

    ones = torch.ones(8, 8, device=gpu)
    total = ((ones + 1) @ ones).sum().item()
    if total != 8 * 8 * 16:
        raise RuntimeError(f"8×8 twos times ones gave {total}, not 1024")


def has_code(capability: tuple[int, int], built_for: list[str]) -> bool:
    """Whether a build of torch has code that a GPU runs.

    Binary code (sm_80) runs on GPUs of its major capability from its own minor one on, and what is
    compiled when it is needed (compute_90) on all later ones.

    Args:
        capability: of the GPU, such as (7, 0).
        built_for: as `torch.cuda.get_arch_list` gives it.
    """
    for kind, major, minor in re.findall(r"(sm|compute)_(\d+)(\d)", " ".join(built_for)):
        least = (int(major), int(minor))
        if capability >= least and (kind == "compute" or capability[0] == least[0]):
            return True
    return False


def no_code(capability: tuple[int, int], built_for: list[str]) -> str:
    """The sentence for a GPU that a build of torch has no code for, and the way out."""
    begun = [first for first in _GENERATIONS if first <= capability]
    generation = _GENERATIONS[max(begun)] if begun else "a GPU"
    all_built = re.findall(r"_(\d+)(\d)", " ".join(built_for))
    is_old = any((int(major), int(minor)) > capability for major, minor in all_built)
    way_out = f"take TORCH_INDEX={_LAST_WITH_OLD}" if is_old else "take a newer torch"
    code = f"sm_{capability[0]}{capability[1]}"
    return f"this build of torch has no code for {generation} ({code}); {way_out}"


if __name__ == "__main__":
    write()
