"""The optimiser of a recipe and the schedule of its learning rate."""

import torch
from torch import nn
from torch.optim import lr_scheduler

from cnnviz.training.recipe import Recipe


def optimiser_of(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    weights, rate, decay = module.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimiser == "adam":
        betas = (recipe.momentum, 0.999)
        return torch.optim.Adam(weights, lr=rate, betas=betas, weight_decay=decay)
    return torch.optim.SGD(weights, lr=rate, momentum=recipe.momentum, weight_decay=decay)


def schedule_of(
    optimiser: torch.optim.Optimizer, recipe: Recipe, steps_an_epoch: int
) -> lr_scheduler.LRScheduler:
    """The learning rate, changed once a step: a warm-up, then the recipe's schedule."""
    steps = recipe.epochs * steps_an_epoch
    warm_up = min(round(recipe.warm_up * steps), steps - 1)
    main = _after_warm_up(optimiser, recipe, steps - warm_up)
    if not warm_up:
        return main
    rising = lr_scheduler.LinearLR(optimiser, start_factor=1 / (warm_up + 1), total_iters=warm_up)
    return lr_scheduler.SequentialLR(optimiser, [rising, main], milestones=[warm_up])


def _after_warm_up(
    optimiser: torch.optim.Optimizer, recipe: Recipe, steps: int
) -> lr_scheduler.LRScheduler:
    if recipe.schedule == "step":
        return lr_scheduler.MultiStepLR(optimiser, [steps // 2, steps * 3 // 4], gamma=0.1)
    if recipe.schedule == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimiser, T_max=steps)
    if recipe.schedule == "one-cycle":
        return lr_scheduler.OneCycleLR(
            optimiser, recipe.learning_rate, total_steps=steps + 1, cycle_momentum=False
        )
    return lr_scheduler.ConstantLR(optimiser, factor=1)
