"""Probes: what is measured in a network beside its training, before it or after it.

A probe changes nothing: weights, batch-norm statistics and the random numbers of the run are as
they were. For example, "without-a-block" takes each block out of the trained network, one at a
time, and tests what is left.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.gpus import sums
from cnnviz.text import Text
from cnnviz.training.batches import Images
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Event, Measured, Phase

BATCH = 64  # images that a signal is measured on
TESTED = 500  # images, so that a network of 27 blocks is tested in seconds
FIT_STEPS, FIT_EVERY, FIT_RATE = 100, 10, 0.01
WHOLE = "whole"  # the network with all of its blocks

Found = Iterator[tuple[str, float]]  # a name and its figure, one after the other


@dataclass(frozen=True)
class Probe:
    """A measurement.

    Args:
        when: "before" the first step or "after" the last.
        measure: gives names and figures of a network, for its training and its test images.
    """

    when: str
    measure: Callable[[nn.Module, Images, Images], Found]


def probing(
    name: str, when: str, module: nn.Module, train: Images, test: Images
) -> Iterator[Event]:
    """The events of the probe called `name`, if there is one and this is its time.

    Raises:
        TrainingError: no probe has this name.
    """
    if name and name not in PROBES:
        message = Text(
            "There is no probe {name!r}; there are {known}.",
            "没有名为 {name!r} 的测量；可用的有 {known}。",
        )
        raise TrainingError(message.format(name=name, known=", ".join(PROBES)), code="probe")
    if not name or PROBES[name].when != when:
        return
    found: list[tuple[str, float]] = []
    with _unchanged(module):
        for one in PROBES[name].measure(module, train, test):
            found.append(one)
            yield Phase(phase="probe", done=len(found), total=len(found) + 1)
    names, figures = zip(*found, strict=True) if found else ((), ())
    yield Measured(probe=name, names=names, figures=figures)


@contextmanager
def _unchanged(module: nn.Module) -> Iterator[None]:
    """Put weights, statistics, mode and random numbers back afterwards."""
    state = {name: value.clone() for name, value in module.state_dict().items()}
    is_training, random = module.training, torch.get_rng_state()
    try:
        yield
    finally:
        module.load_state_dict(state)
        module.train(is_training)
        module.zero_grad()
        torch.set_rng_state(random)


def signal(module: nn.Module, train: Images, test: Images) -> Found:
    """The standard deviation of each weighted layer's output, for one batch in training mode."""
    module.train()
    spreads: dict[str, float] = {}

    def note(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(layer: nn.Module, args: Any, output: Tensor) -> None:
            spreads[name] = output.to(sums(output.device)).std().item()

        return hook

    hooks = [
        layer.register_forward_hook(note(name))
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    try:
        with torch.no_grad():
            module(train.batch(slice(BATCH))[0])
    finally:
        for hook in hooks:
            hook.remove()
    yield from spreads.items()


def without_a_block(module: nn.Module, train: Images, test: Images) -> Found:
    """Test accuracy of the whole network, and without each block whose map keeps its shape.

    A block is taken out by handing on its input. Of a residual block that leaves the shortcut: the
    input is the output of a ReLU, which a second one does not change.
    """
    module.eval()
    yield WHOLE, _accuracy(module, test)
    for name, block in _blocks(module, test):
        hook = block.register_forward_hook(lambda block, args, output: args[0])
        try:
            yield name, _accuracy(module, test)
        finally:
            hook.remove()


def fit_the_identity(module: nn.Module, train: Images, test: Images) -> Found:
    """Errors of a first stage that learns to give back what the stem gives it, while it learns.

    Squared errors as a share of the variance, each before the step that it is named after, on one
    batch in training mode.
    """
    stem, stage = (module.get_submodule(name) for name in ("stem", "stage1"))
    module.train()
    with torch.no_grad():
        wanted = stem(train.batch(slice(BATCH))[0])
    variance = wanted.var()
    optimiser = torch.optim.Adam(stage.parameters(), lr=FIT_RATE)
    for step in range(FIT_STEPS + 1):
        error = (stage(wanted) - wanted).square().mean() / variance
        if step % FIT_EVERY == 0:
            yield f"{step}", error.item()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()


def _blocks(module: nn.Module, test: Images) -> list[tuple[str, nn.Module]]:
    """The blocks of a stage, not their layers, that give a map of the shape that they take."""
    keeping: list[tuple[str, nn.Module]] = []

    def note(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(block: nn.Module, args: Any, output: Tensor) -> None:
            if args[0].shape == output.shape:
                keeping.append((name, block))

        return hook

    hooks = [
        block.register_forward_hook(note(name))
        for name, block in module.named_modules()
        if name.count(".") == 1 and "block" in name.rpartition(".")[2]
    ]
    with torch.inference_mode():
        module(test.batch(slice(1))[0])
    for hook in hooks:
        hook.remove()
    return keeping


@torch.inference_mode()
def _accuracy(module: nn.Module, test: Images) -> float:
    right = total = 0
    for start in range(0, min(TESTED, len(test)), BATCH):
        images, labels = test.batch(slice(start, min(start + BATCH, TESTED)))
        logits = tree_leaves(module(images))[0]
        right += int((logits.argmax(dim=1) == labels).sum())
        total += len(labels)
    return right / total


PROBES = {
    "signal": Probe("before", signal),
    "fit-the-identity": Probe("before", fit_the_identity),
    "without-a-block": Probe("after", without_a_block),
}
