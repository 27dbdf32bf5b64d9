"""Probes: what is measured in a network beside its training, before it or after it.

A probe changes nothing: weights, batch-norm statistics and the random numbers of the run are as
they were. For example, "without-a-block" takes each block out of the trained network, one at a
time, and tests what is left. A new probe is a function in a file of its own, named here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from cnnviz.text import Text
from cnnviz.training.batches import Images
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Event, Measured, Phase
from cnnviz.training.probes import blocks, branches, identity, reuse, signal, surface
from cnnviz.training.probes.probe import BATCH, Probe

PROBES = {
    "signal": Probe("before", signal.signal, BATCH),
    "fit-the-identity": Probe("before", identity.fit_the_identity, identity.FORWARDS),
    "without-a-block": Probe("after", blocks.without_a_block, blocks.FORWARDS),
    "with-identity-layers": Probe("after", blocks.with_identity_layers, 2 * BATCH),
    "branches": Probe("after", branches.branches, branches.FORWARDS),
    "reuse": Probe("after", reuse.reuse, reuse.FORWARDS),
    "loss-surface": Probe("after", surface.loss_surface, surface.FORWARDS),
}


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
