"""Checkpoints: reading the state of an interrupted run, and checking whose it is."""

from pathlib import Path
from typing import Any

import torch

from cnnviz.knobs import SpecError
from cnnviz.text import Text, joined
from cnnviz.training.errors import TrainingError
from cnnviz.training.request import Request

CHECKPOINT = "checkpoint.pt"


class CheckpointError(TrainingError):
    """There is no checkpoint, it cannot be read, or it is of another run."""


def read_checkpoint(
    path: Path, request: Request, device: torch.device | str = "cpu"
) -> dict[str, Any]:
    """The state for `Trainer.load`, of a run with the same request.

    The device may be another one.

    Raises:
        CheckpointError: with the code "none", "damaged" or "other_run".
    """
    if not path.exists():
        raise CheckpointError(Text("There is no checkpoint.", "没有检查点。"), code="none")
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        written = Request.from_json(state["request"])
        state["module"], state["optimiser"]
    except (TrainingError, SpecError) as error:
        raise _other(path, str(error)) from None
    except Exception as error:  # the library raises several kinds for a damaged file
        raise _damaged(path, type(error).__name__) from None
    if different := _differences(written, request):
        raise _other(path, joined(different).en)
    return state


def _differences(written: Request, request: Request) -> list[str]:
    """The differences of two requests, such as "epochs 8, here 4"."""
    pairs: dict[str, tuple[object, object]] = {
        "network": (written.spec.family, request.spec.family),
        "data": (written.data, request.data),
    }
    settings = [(written.recipe.values, request.recipe.values)]
    if written.spec.family == request.spec.family:
        settings.append((written.spec.values, request.spec.values))
    for before, now in settings:
        pairs |= {name: (before[name], value) for name, value in now.items()}
    return [f"{name} {a}, here {b}" for name, (a, b) in pairs.items() if a != b]


def _other(path: Path, how: str) -> CheckpointError:
    message = Text(
        "{folder} belongs to another run ({how}). Name another folder, ask for that run again to "
        "go on with it, or begin anew there with --anew.",
        "{folder} 属于另一次训练（{how}）。请换一个文件夹，或用原来的设置继续，"
        "或用 --anew 在其中重新开始。",
    )
    return CheckpointError(message.format(folder=path.parent, how=how), code="other_run")


def _damaged(path: Path, how: str) -> CheckpointError:
    message = Text(
        "{path} is damaged, or of an earlier cnnviz, and does not say whose it is ({how}). Begin "
        "anew there with --anew, or name another folder.",
        "{path} 已损坏或来自更早的版本，无法确定属于哪次训练（{how}）。"
        "请用 --anew 重新开始，或换一个文件夹。",
    )
    return CheckpointError(message.format(path=path, how=how), code="damaged")
