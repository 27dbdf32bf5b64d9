"""The identity as a task for a stack of blocks."""

import torch
from torch import nn

from cnnviz.training.batches import Images
from cnnviz.training.probes.probe import Found

STEPS, EVERY, RATE = 100, 10, 0.01
IMAGES = 32
FORWARDS = STEPS * IMAGES  # of one stage of three, but there and back


def fit_the_identity(module: nn.Module, train: Images, test: Images) -> Found:
    """Errors of a first stage that learns to give back what the stem gives it, while it learns.

    Squared errors as a share of the variance, each before the step that it is named after, on one
    batch in training mode.
    """
    stem, stage = (module.get_submodule(name) for name in ("stem", "stage1"))
    module.train()
    with torch.no_grad():
        wanted = stem(train.batch(slice(IMAGES))[0])
    variance = wanted.var()
    optimiser = torch.optim.Adam(stage.parameters(), lr=RATE)
    for step in range(STEPS + 1):
        error = (stage(wanted) - wanted).square().mean() / variance
        if step % EVERY == 0:
            yield f"{step}", error.item()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
