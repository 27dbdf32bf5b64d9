"""Training memory as it is predicted, against the device's own peak."""

import gc
from collections.abc import Iterator

import torch
from torch import nn

import cnnviz
from benchmarks.gpu.batch import random_batch
from benchmarks.gpu.section import NotAsExpectedError, Row
from cnnviz.analysis.memory.step import training_memory
from cnnviz.families import Spec
from cnnviz.training.admission import estimate_memory
from cnnviz.training.loop import Trainer
from cnnviz.training.recipe import Recipe

HEAD = (
    *("preset", "batch", "precision", "counted, MB", "estimate, MB", "peak, MB"),
    *("counted / peak", "estimate / peak"),
)
BATCHES = {
    "lenet-d2l": 512,
    "resnet-20": 512,
    "nin-d2l": 64,
    "alexnet-torchvision": 128,
    "vgg-a": 32,
    "googlenet": 64,
    "inception-v3": 32,
    "resnet-18": 64,
    "resnet-50": 64,
    "densenet-121": 32,
    "mobilenet-v2": 64,
    "shufflenet-v2-x1": 64,
}
CASES = tuple(BATCHES)
PRECISIONS = {"single": "fp32", "mixed": "mixed"}  # of a recipe, and as memory is counted
STEPS = 5  # the last of them replayed
# How far from the peak an estimate may be: a fifth, and what cuDNN may take for itself
NEAR, SPARE = 0.2, 256e6


def measure(preset: str, device: str) -> Iterator[Row]:
    """A row for each precision.

    Raises:
        NotAsExpectedError: what admission expects is far from the peak.
    """
    spec, batch = cnnviz.spec(preset), BATCHES[preset]
    far = []
    for precision, counted_as in PRECISIONS.items():
        counted = training_memory(cnnviz.analyze(spec), batch, precision=counted_as).total
        estimate = estimate_memory(spec, "sgd", counted_as).total(batch)
        peak = peak_bytes(spec, Recipe(batch_size=batch, precision=precision), device)
        sizes = (f"{size / 1e6:,.0f}" for size in (counted, estimate, peak))
        ratios = (f"{size / peak:.2f}" for size in (counted, estimate))
        yield (preset, str(batch), counted_as, *sizes, *ratios)
        if abs(estimate - peak) > NEAR * peak + SPARE:
            far.append(f"the estimate in {counted_as} is {estimate / peak:.2f} of the peak")
    if far:
        raise NotAsExpectedError(" and ".join(far))


def peak_bytes(spec: Spec, recipe: Recipe, device: str) -> int:
    """The most that a job's steps hold at one time, their batch included."""
    # cuBLAS keeps a workspace from its first use on
    nn.Linear(8, 8, device=device)(torch.ones(8, 8, device=device)).sum().backward()
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    batch = random_batch(spec, recipe.batch_size, device)
    trainer = Trainer(spec.build().to(device), batch, batch, recipe)
    for _ in range(STEPS):
        trainer._step(batch.images, batch.labels)
    return torch.cuda.max_memory_allocated(device) - before
