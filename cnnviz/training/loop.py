"""The training loop: a plain one, which tells what it does while it does it."""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import lr_scheduler
from torch.utils._pytree import tree_leaves

from cnnviz.text import Text
from cnnviz.training.data import Data
from cnnviz.training.errors import TrainingError
from cnnviz.training.images import augment, prepare, statistics
from cnnviz.training.recipe import AUXILIARY_WEIGHT, Recipe

REPORT_SECONDS = 0.25
KEPT_READY = 512 * 2**20  # bytes of prepared images that are kept; more are prepared batch by batch
EVALUATION_BATCH = 256

Event = dict[str, Any]


@dataclass(frozen=True)
class Images:
    """Images and labels on the device, as the network takes them."""

    images: Tensor
    labels: Tensor
    shape: tuple[int, int, int]
    mean: Tensor
    std: Tensor
    ready: bool

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Float images (N, C, H, W) and labels (N,)."""
        images = self.images[rows]
        if not self.ready:
            images = prepare(images, self.shape, self.mean, self.std)
        return images, self.labels[rows]


def on_device(data: Data, shape: tuple[int, int, int], device: torch.device) -> list[Images]:
    """The training and the test images on the device, prepared now if they are not too large."""
    mean, std = statistics(data.train_images)
    parts = []
    for images, labels in (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    ):
        ready = 4 * len(images) * math.prod(shape) <= KEPT_READY
        kept = prepare(images, shape, mean, std) if ready else images
        tensors = (kept.to(device), labels.to(device))
        parts.append(Images(*tensors, shape, mean.to(device), std.to(device), ready))
    return parts


class Trainer:
    """One run of a recipe: `run` yields events until the recipe is done.

    The order of the images, the augmentation and the dropout of an epoch depend on the seed and
    the epoch alone, so a run that goes on from a checkpoint takes the same course.

    Args:
        module: already on the device, its weights initialised.
        train, test: what `on_device` gives.
    """

    def __init__(self, module: nn.Module, train: Images, test: Images, recipe: Recipe):
        self.module, self.train, self.test, self.recipe = module, train, test, recipe
        self.device = train.labels.device
        self.epoch = 0
        self.deadline = math.inf
        self.rate = recipe.learning_rate  # of the last step
        self.batch_size = min(recipe.batch_size, len(train))
        images = min(recipe.images or len(train), len(train))
        self.batch_size = min(self.batch_size, images)
        self.steps_an_epoch = images // self.batch_size  # a smaller last batch is left out
        self.images_an_epoch = self.steps_an_epoch * self.batch_size
        self.optimiser = _optimiser(module, recipe)
        self.schedule = _schedule(self.optimiser, recipe, self.steps_an_epoch)
        self.half = half_precision(self.device) if recipe.precision == "mixed" else None
        scaled = self.half == torch.float16  # whose smallest number a gradient may fall below
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=scaled)
        if recipe.channels_last:
            module.to(memory_format=torch.channels_last)

    def state(self) -> dict[str, Any]:
        """All that is needed to go on after the last whole epoch."""
        parts = ("module", "optimiser", "schedule", "scaler")
        return {"epoch": self.epoch, **{name: getattr(self, name).state_dict() for name in parts}}

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self.epoch = state["epoch"]
        for name in ("module", "optimiser", "schedule", "scaler"):
            getattr(self, name).load_state_dict(state[name])

    def run(self) -> Iterator[Event]:
        """Train; yield a "step" event now and then, and an "epoch" event after each epoch.

        A step event has step and steps, epoch (a fraction), images (of all epochs), loss and
        accuracy since the event before, learning_rate, images_per_second, seconds_left,
        memory_bytes and gradient_norms, the L2 norm of the gradient of each weight from the first
        layer to the last. An epoch event has epoch, train_loss, train_accuracy, test_loss,
        test_accuracy and seconds. The recipe's time limit ends the run in the middle of an epoch,
        which has its event all the same.

        Raises:
            TrainingError: the loss is no number any more ("diverged").
        """
        began, first = time.perf_counter(), self.epoch
        self.deadline = began + self.recipe.time_limit
        while self.epoch < self.recipe.epochs:
            start = time.perf_counter()
            totals = _Totals.zero(self.device)
            for event in self._epoch(totals):
                done = self.epoch - first + event["step_of_epoch"] / self.steps_an_epoch
                left = (self.recipe.epochs - first - done) / done * (time.perf_counter() - began)
                yield {**event, "seconds_left": left}
            in_time = time.perf_counter() < self.deadline
            self.epoch += in_time
            loss, accuracy = totals.mean()
            test_loss, test_accuracy = evaluate(self.module, self.test, self.half)
            yield {
                "kind": "epoch",
                "epoch": self.epoch if in_time else event["epoch"],
                "train_loss": loss,
                "train_accuracy": accuracy,
                "test_loss": test_loss,
                "test_accuracy": test_accuracy,
                "seconds": time.perf_counter() - start,
            }
            if not in_time:
                return

    def _epoch(self, totals: "_Totals") -> Iterator[Event]:
        torch.manual_seed(_mixed(self.recipe.seed, self.epoch))
        generator = torch.Generator().manual_seed(_mixed(self.recipe.seed, self.epoch))
        order = torch.randperm(len(self.train), generator=generator).to(self.device)
        self.module.train()
        seen, last = totals.copy(), time.perf_counter()
        for step in range(self.steps_an_epoch):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            images, labels = self.train.batch(rows)
            loss, logits = self._step(self._augmented(images, generator), labels)
            totals.add(loss, logits, labels)
            late = time.perf_counter() > self.deadline
            due = time.perf_counter() - last > REPORT_SECONDS
            if due or late or step in (0, self.steps_an_epoch - 1):
                yield self._report(step + 1, totals.since(seen), time.perf_counter() - last)
                seen, last = totals.copy(), time.perf_counter()
            if late:
                return

    def _augmented(self, images: Tensor, generator: torch.Generator) -> Tensor:
        recipe = self.recipe
        if recipe.flip or recipe.crop or recipe.colour:
            images = augment(
                images,
                flip=recipe.flip,
                crop=recipe.crop,
                colour=recipe.colour,
                generator=generator,
            )
        return images.to(memory_format=torch.channels_last) if recipe.channels_last else images

    def _step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with _autocast(self.device, self.half):
            logits, *auxiliary = tree_leaves(self.module(images))
            smoothing = self.recipe.label_smoothing
            loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
            for other in auxiliary:
                loss = loss + AUXILIARY_WEIGHT * F.cross_entropy(
                    other, labels, label_smoothing=smoothing
                )
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        if self.recipe.gradient_clip:
            self.scaler.unscale_(self.optimiser)
            nn.utils.clip_grad_norm_(self.module.parameters(), self.recipe.gradient_clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.rate = self.optimiser.param_groups[0]["lr"]
        self.schedule.step()
        return loss.detach(), logits.detach()

    def _report(self, step: int, recent: "_Totals", seconds: float) -> Event:
        images = recent.images
        loss, accuracy = recent.mean()
        if not math.isfinite(loss):
            message = Text(
                "The loss became {loss} in epoch {epoch}, step {step}: training diverged. Take a "
                "smaller learning rate than {rate:g}, or batch norm.",
                "第 {epoch} 轮第 {step} 步的损失变为 {loss}：训练发散。"
                "请使用小于 {rate:g} 的学习率，或加上批量规范化。",
            )
            values = {"loss": loss, "epoch": self.epoch + 1, "step": step}
            filled = message.format(rate=self.recipe.learning_rate, **values)
            raise TrainingError(filled, code="diverged")
        return {
            "kind": "step",
            "step": self.epoch * self.steps_an_epoch + step,
            "steps": self.recipe.epochs * self.steps_an_epoch,
            "step_of_epoch": step,
            "epoch": self.epoch + step / self.steps_an_epoch,
            "loss": loss,
            "accuracy": accuracy,
            "images": self.epoch * self.images_an_epoch + step * self.batch_size,
            "learning_rate": self.rate,
            "images_per_second": images / seconds,
            "memory_bytes": _memory(self.device),
            "gradient_norms": self._gradient_norms(),
        }

    def _gradient_norms(self) -> list[float]:
        weights = [weight for weight in self.module.parameters() if weight.ndim > 1]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        return torch.stack(torch._foreach_norm(gradients)).tolist()


@torch.inference_mode()
def evaluate(
    module: nn.Module, images: Images, half: torch.dtype | None = None
) -> tuple[float, float]:
    """Mean cross-entropy and accuracy on all images, in evaluation mode.

    Args:
        half: the 16-bit type of mixed precision, if that is wanted.
    """
    module.eval()
    totals = _Totals.zero(images.labels.device)
    for start in range(0, len(images), EVALUATION_BATCH):
        batch, labels = images.batch(slice(start, start + EVALUATION_BATCH))
        with _autocast(labels.device, half):
            logits = tree_leaves(module(batch))[0]
        totals.add(F.cross_entropy(logits.float(), labels), logits, labels)
    return totals.mean()


class _Totals:
    """Sums of loss and of right answers, kept on the device so that no step waits for them."""

    def __init__(self, sums: Tensor, images: int = 0):
        self.sums, self.images = sums, images

    @classmethod
    def zero(cls, device: torch.device) -> Self:
        return cls(torch.zeros(2, device=device, dtype=torch.float64))

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        right = (logits.argmax(dim=1) == labels).sum()
        self.sums += torch.stack([loss.double() * len(labels), right.double()])
        self.images += len(labels)

    def copy(self) -> Self:
        return type(self)(self.sums.clone(), self.images)

    def since(self, earlier: Self) -> Self:
        return type(self)(self.sums - earlier.sums, self.images - earlier.images)

    def mean(self) -> tuple[float, float]:
        loss, right = (self.sums / self.images).tolist()
        return loss, right


def half_precision(device: torch.device) -> torch.dtype | None:
    """The 16-bit type of a device: bfloat16 where a GPU computes with it, None on the CPU."""
    if device.type != "cuda":
        return None
    supported = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if supported else torch.float16


def _autocast(device: torch.device, half: torch.dtype | None) -> AbstractContextManager:
    return torch.autocast(device.type, dtype=half) if half else nullcontext()


def _mixed(seed: int, epoch: int) -> int:
    """A seed for one epoch of a run."""
    return (seed * 1_000_003 + epoch) % 2**63


def _optimiser(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    settings = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    if recipe.optimiser == "adam":
        return torch.optim.Adam(module.parameters(), betas=(recipe.momentum, 0.999), **settings)
    return torch.optim.SGD(module.parameters(), momentum=recipe.momentum, **settings)


def _schedule(
    optimiser: torch.optim.Optimizer, recipe: Recipe, steps_an_epoch: int
) -> lr_scheduler.LRScheduler:
    """The learning rate, moved once a step: it warms up, and then takes its course."""
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


def _memory(device: torch.device) -> int:
    """Bytes that tensors hold on a GPU at the highest moment; 0 where nothing counts them."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
