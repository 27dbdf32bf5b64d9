"""A training job, wherever it runs: from a request to events and files.

`run_job` is the only seam: a backend starts it somewhere, hands on its events and can kill it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from cnnviz.config import config
from cnnviz.data.dataset import find, loading
from cnnviz.gpus import is_full, limit_memory, missing
from cnnviz.knobs import SpecError
from cnnviz.text import ExplainedError, Text
from cnnviz.training.admission import check, training_spec
from cnnviz.training.batches import putting_on_device
from cnnviz.training.checkpoint import CHECKPOINT, CheckpointError, read_checkpoint
from cnnviz.training.disk import naming_a_full_disk
from cnnviz.training.events import Ended, Epoch, Evaluating, Event, Failed, Phase, Started
from cnnviz.training.initialisation import initialise
from cnnviz.training.loop import Trainer
from cnnviz.training.probes import probing
from cnnviz.training.progress import reported
from cnnviz.training.request import Request
from cnnviz.training.results import among_likeliest, save_results
from cnnviz.training.stopping import StopFile

RunJob = Callable[[Request, Path], Iterator[Event]]

SPARING = 20  # time between checkpoints, in multiples of the time that one takes to write
WEIGHTS = "model.safetensors"


def run_job(request: Request, folder: Path) -> Iterator[Event]:
    """Train as requested, yield events, and leave weights and results in `folder`.

    If the folder holds a checkpoint of this very request, training goes on from there; any other
    is passed over (`cnnviz.training.checkpoint` says which it is). The events are phases,
    `Started`, those of `Trainer.run`, and `Ended`. When `Evaluating` comes, the weights are kept.

    Raises:
        TrainingError: the job is refused before anything is allocated, or training diverged.
    """
    began = time.perf_counter()
    yield Phase(phase="data")
    check(request)
    device, recipe = torch.device(request.device), request.recipe
    _limit_memory(device)
    data = yield from reported("data", loading(request.data))
    spec = training_spec(request.spec, find(request.data))
    train, test = yield from reported("data", putting_on_device(data, spec.input_shape[1:], device))
    yield Phase(phase="network")
    torch.manual_seed(recipe.seed)
    module = spec.build()
    initialise(module, recipe.initialisation)
    module.to(device)
    trainer = Trainer(module, train, test, recipe, began=began, is_asked_to_stop=StopFile(folder))
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    with suppress(CheckpointError):
        trainer.load(read_checkpoint(checkpoint, request, device))
    yield Started(
        device=request.device,
        params=sum(parameter.numel() for parameter in module.parameters()),
        train_images=len(train),
        test_images=len(test),
        layers=tuple(name for name, weight in module.named_parameters() if weight.ndim > 1),
        classes=data.classes,
        skipped=data.skipped,
    )
    yield from probing(request.probe, "before", module, train, test)
    yield Phase(phase="first step")
    before, trained = trainer.images_done, time.perf_counter()
    saved, took = trained, 0.0
    for event in trainer.run():
        if isinstance(event, Evaluating):
            yield Phase(phase="saving")
            _replace(folder / WEIGHTS, lambda path: save_weights(module, request, path))
        yield event
        start = time.perf_counter()
        is_due = start - saved >= SPARING * took
        if isinstance(event, Epoch) and is_due and not trainer.ended_by:
            state = {**trainer.state(), "request": request.to_json()}
            _replace(checkpoint, partial(torch.save, state))
            saved = time.perf_counter()
            took = saved - start
    now = time.perf_counter()
    if trainer.ended_by == "epochs":
        yield from probing(request.probe, "after", module, train, test)
    yield Phase(phase="saving")
    with naming_a_full_disk(folder):
        save_results(trainer.evaluation.probabilities, test.labels, folder)
    checkpoint.unlink(missing_ok=True)
    yield Ended(
        test_accuracy=trainer.evaluation.accuracy,
        top5_accuracy=among_likeliest(trainer.evaluation.probabilities, test.labels),
        images_per_second=(trainer.images_done - before) / (now - trained),
        seconds=now - trained,
        total_seconds=now - began,
        epochs=trainer.epochs_done,
        ended_by=trainer.ended_by,
    )


def _limit_memory(device: torch.device) -> None:
    """Let this process hold no more of a GPU than the settings say."""
    most = config().job_gpu_memory
    if device.type != "cpu" and most is not None:
        limit_memory(str(device), most * 1e9)


def save_weights(module: nn.Module, request: Request, path: Path) -> None:
    """The state as safetensors, with the request that it belongs to."""
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    save_file(state, path, metadata={"request": request.to_json()})


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file so that it is there whole or not at all."""
    new = path.with_name(path.name + ".new")
    try:
        with naming_a_full_disk(path.parent):
            write(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def failure(error: Exception) -> Failed:
    """The last event of a job that `error` ended."""
    if isinstance(error, ExplainedError):
        code, message = getattr(error, "code", "data"), error.message
    elif isinstance(error, SpecError):
        code, message = "request", error.problems[0].shown
    elif lacking := missing(error):
        code, message = "device", lacking.message
    elif is_full(error) and config().job_gpu_memory:
        code = "gpu_memory"
        message = Text(
            "The job needed more than {most:g} GB of GPU memory, the most that one may hold here; "
            "take a smaller batch or network.",
            "训练任务所需显存超过 {most:g} GB，即此处单个任务的上限；请减小批量或网络。",
        ).format(most=config().job_gpu_memory)
    elif is_full(error):
        code = "gpu_memory"
        message = Text(
            "The GPU's memory is full; take a smaller batch or network, or try again later.",
            "GPU 显存不足；请减小批量或网络，或稍后再试。",
        )
    elif isinstance(error, MemoryError):
        code = "memory_limit"
        message = Text(
            "There is not enough memory; take a smaller batch or network.",
            "内存不足；请减小批量或网络。",
        )
    else:
        code = "error"
        message = Text(
            "The job failed: {kind}. The server's log says more.",
            "训练任务出错：{kind}。详情见服务器日志。",
        ).format(kind=type(error).__name__)
    return Failed(code=code, message=message)
