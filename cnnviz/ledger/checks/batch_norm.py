"""Sums about batch norm, held against torch's."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz.analysis import analyze
from cnnviz.ledger.checks.parts import Number
from cnnviz.zoo import PRESETS

REMEDIES = ("variance kept as the mean is", "γ and β of (1, C, 1, 1)", "divided by n")


def four_after_batch_norm() -> Number:
    """Normalise 4 in a batch of 4 and −4: mean 0, variance 16."""
    return round(F.batch_norm(torch.tensor([[4.0], [-4.0]]), None, None, training=True)[0].item())


def steps_to_batch_norm() -> Number:
    """Number of the step (mean, variance, normalising, scale and shift) that gives the result."""
    mean, variance, normalised, scaled, expected = _steps()
    steps = (mean, variance, normalised, scaled)
    return _first_like(steps, expected)


def joined_steps_to_batch_norm() -> Number:
    """The same where mean and variance are one step."""
    mean, variance, normalised, scaled, expected = _steps()
    return _first_like((torch.stack((mean, variance)), normalised, scaled), expected)


def _steps() -> tuple[Tensor, ...]:
    """Mean, variance, normalised, scaled and shifted; last what torch makes."""
    x, scale, shift = torch.arange(6.0).square().view(3, 2), torch.full((2,), 3.0), torch.ones(2)
    mean, variance = x.mean(0), x.var(0, correction=0)
    normalised = (x - mean) / variance.sqrt()
    expected = F.batch_norm(x, None, None, scale, shift, training=True)
    return mean, variance, normalised, scale * normalised + shift, expected


def _first_like(steps: Iterable[Tensor], expected: Tensor) -> int:
    found = [
        step.shape == expected.shape and torch.allclose(step, expected, rtol=1e-4) for step in steps
    ]
    return found.index(True) + 1


def remedies_of_the_listing() -> Number:
    """The fewest changes after which the listing for maps gives torch's result."""
    maps = torch.arange(24.0).square().view(2, 3, 2, 2)  # three channels, two pixels wide
    scale, shift = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 1.0, 2.0])
    expected = F.batch_norm(maps, None, None, scale, shift, training=True)
    for count in range(len(REMEDIES) + 1):
        for remedies in combinations(REMEDIES, count):
            try:
                result = listed_batch_norm(maps, scale, shift, remedies)
            except RuntimeError:  # shapes that do not go together
                continue
            if torch.allclose(result, expected, rtol=1e-4):
                return count
    raise AssertionError("the listing cannot be mended")


def listed_batch_norm(
    maps: Tensor, scale: Tensor, shift: Tensor, remedies: Iterable[str]
) -> Tensor:
    """The course's arithmetic for maps (N, C, H, W) in training, with some of REMEDIES.

    Raises:
        RuntimeError: shapes do not go together.
    """
    kept, shaped, by_n = (remedy in remedies for remedy in REMEDIES)
    mean = maps.mean(dim=(0, 2, 3), keepdim=True)
    variance = maps.var(dim=(0, 2, 3), keepdim=kept, correction=0 if by_n else 1)
    if shaped:
        scale, shift = scale.view(1, -1, 1, 1), shift.view(1, -1, 1, 1)
    return scale * ((maps - mean) / torch.sqrt(variance + 1e-5)) + shift


def layers_that_fail_at_batch_1() -> Number:
    """Of LeNet's batch norms, those that cannot be trained on one image."""
    failing = 0
    for layer in analyze(PRESETS["lenet-bn-d2l"].spec).layers:
        if layer.operation == "batch_norm":
            try:
                F.batch_norm(torch.ones(layer.input_shape), None, None, training=True)
            except ValueError:
                failing += 1
    return failing


def share_not_negative_after_batch_norm() -> Number:
    """Of 1 … 10."""
    normalised = F.batch_norm(torch.arange(1.0, 11).view(10, 1), None, None, training=True)
    return Fraction(int((normalised >= 0).sum()), normalised.numel())


def largest_after_batch_norm() -> Number:
    """Of nine zeros and a 10: mean 1, variance 9."""
    batch = torch.tensor([[0.0]] * 9 + [[10.0]])
    return round(F.batch_norm(batch, None, None, training=True).max().item())
