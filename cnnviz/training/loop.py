"""The training loop: a plain one that yields events while it runs."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.data.images import augment
from cnnviz.text import Text
from cnnviz.training.batches import Images
from cnnviz.training.errors import DIVERGED, TrainingError
from cnnviz.training.evaluation import Evaluation, Totals, autocast, evaluating
from cnnviz.training.events import Epoch, Evaluating, Event, Phase, Step
from cnnviz.training.optimiser import optimiser_of, schedule_of
from cnnviz.training.pace import FORWARD_SHARE, Pace, seconds_left
from cnnviz.training.progress import REPORT_SECONDS, reported
from cnnviz.training.recipe import AUXILIARY_WEIGHT, Recipe
from cnnviz.training.replay import Replayed
from cnnviz.training.stopping import CutShort, interruptible

SLOW_STEP = 0.5  # seconds; a longer step can be ended in its middle


class Trainer:
    """One run of a recipe: `run` yields events until the recipe is done.

    The order of the images, the augmentation and the dropout of an epoch depend on the seed and
    the epoch alone, so a run that goes on from a checkpoint has the same curve.

    Args:
        module: already on the device, its weights initialised.
        train, test: as `on_device` gives them.
        began: start of the time that the recipe limits, by `time.perf_counter`; now if None.
        is_asked_to_stop: called again and again.

    Attributes:
        epoch, step: whole epochs that are done, and steps of the next one.
        ended_by: "epochs", "time_limit" or "stop", once training is over.
    """

    def __init__(
        self,
        module: nn.Module,
        train: Images,
        test: Images,
        recipe: Recipe,
        *,
        began: float | None = None,
        is_asked_to_stop: Callable[[], bool] = lambda: False,
    ):
        self.module, self.train, self.test, self.recipe = module, train, test, recipe
        self.device = train.labels.device
        self.deadline = (time.perf_counter() if began is None else began) + recipe.time_limit
        self.is_asked_to_stop = is_asked_to_stop
        self.epoch = self.step = 0
        self.ended_by = ""
        self._evaluation: Evaluation | None = None
        self.evaluation_seconds: float | None = None
        self.pace = Pace()
        self.rate = recipe.learning_rate  # of the last step
        images = recipe.images_of(len(train))
        self.batch_size = min(recipe.batch_size, images)
        self.steps_an_epoch = images // self.batch_size  # a smaller last batch is left out
        self.images_an_epoch = self.steps_an_epoch * self.batch_size
        self.optimiser = optimiser_of(module, recipe)
        self.schedule = schedule_of(self.optimiser, recipe, self.steps_an_epoch)
        self.half = half_precision(self.device) if recipe.precision == "mixed" else None
        scaled = self.half == torch.float16  # float16 gradients may underflow
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=scaled)
        on_gpu = self.device.type == "cuda"
        self.backward = Replayed(self._backward, wanted=on_gpu and not scaled)
        if recipe.channels_last:
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it

    def state(self) -> dict[str, Any]:
        """The state to go on from after the last whole epoch."""
        parts = ("module", "optimiser", "schedule", "scaler")
        return {"epoch": self.epoch, **{name: getattr(self, name).state_dict() for name in parts}}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self.epoch = state["epoch"]
        for name in ("module", "optimiser", "schedule", "scaler"):
            getattr(self, name).load_state_dict(state[name])

    @property
    def evaluation(self) -> Evaluation:
        """The last one; the first comes at the end of the first epoch."""
        assert self._evaluation is not None, "nothing is evaluated yet"
        return self._evaluation

    @property
    def epochs_done(self) -> float:
        """Epochs done, with the part of the epoch that is under way."""
        return self.epoch + self.step / self.steps_an_epoch if self.step else self.epoch

    @property
    def images_done(self) -> int:
        """Images of all epochs so far."""
        return self.epoch * self.images_an_epoch + self.step * self.batch_size

    def run(self) -> Iterator[Event]:
        """Train; yield a `Step` now and then, and an `Epoch` after each epoch.

        `Phase` events tell how far an evaluation is; `Evaluating` comes before the last one. The
        recipe's time limit, and the wish to stop, end the run in the middle of an epoch, which
        has its event all the same.

        Raises:
            TrainingError: the loss is no number any more ("diverged").
        """
        while not self.ended_by:
            start, totals = time.perf_counter(), Totals.zero(self.device)
            yield from self._epoch(totals)
            if self.step == self.steps_an_epoch:
                self.epoch, self.step = self.epoch + 1, 0
            if self.epoch == self.recipe.epochs:
                self.ended_by = "epochs"
            if self.ended_by:
                yield Evaluating()
            for event in self._evaluate():
                yield event
                yield from self._ending()
            yield from self._ending()
            if totals.images:  # no images where a run goes on only to be stopped
                loss, accuracy = totals.mean()
                yield Epoch(
                    epoch=self.epochs_done,
                    train_loss=loss,
                    train_accuracy=accuracy,
                    test_loss=self.evaluation.loss,
                    test_accuracy=self.evaluation.accuracy,
                    seconds=time.perf_counter() - start,
                )

    def _heed(self) -> None:
        """Raises CutShort: the run is to stop, or its time is up, with something to keep."""
        if self.epochs_done and self.is_asked_to_stop():
            raise CutShort("stop")
        if self.epochs_done and time.perf_counter() > self.deadline:
            raise CutShort("time_limit")

    def _ending(self) -> Iterator[Evaluating]:
        """An `Evaluating` event, if the evaluation under way turns out to be the last."""
        try:
            self._heed()
        except CutShort as end:
            if not self.ended_by:
                yield Evaluating()
            if not self.ended_by or end.by == "stop":
                self.ended_by = end.by

    def _epoch(self, totals: Totals) -> Iterator[Step]:
        torch.manual_seed(_mixed(self.recipe.seed, self.epoch))
        generator = torch.Generator().manual_seed(_mixed(self.recipe.seed, self.epoch))
        order = torch.randperm(len(self.train), generator=generator).to(self.device)
        self.module.train()
        seen, last, slow = totals.copy(), time.perf_counter(), False
        while self.step < self.steps_an_epoch and not self.ended_by:
            start = time.perf_counter()
            try:
                self._heed()
                # hooks cost nothing beside a slow step. The step before was slow as well and has
                # been reported, so no report is made of gradients that are there in part
                with interruptible(self.module, self._heed) if slow else nullcontext():
                    images, labels = self.train.batch(order[self._rows()])
                    loss, logits = self._step(self._augmented(images, generator), labels)
                totals.add(loss, logits, labels)
                self.step += 1
            except CutShort as end:
                self.ended_by = end.by
            now = time.perf_counter()
            slow = now - start > SLOW_STEP
            due = now - last > REPORT_SECONDS or self.step in (1, self.steps_an_epoch)
            if totals.images > seen.images and (due or self.ended_by):
                yield self._report(self.step, totals.since(seen), now - last)
                seen, last = totals.copy(), time.perf_counter()

    def _rows(self) -> slice:
        """The images of the next step, as a slice of the order."""
        return slice(self.step * self.batch_size, (self.step + 1) * self.batch_size)

    def _evaluate(self) -> Iterator[Phase]:
        start = time.perf_counter()
        work = evaluating(self.module, self.test, self.half)
        self._evaluation = yield from reported("evaluation", work)
        self.evaluation_seconds = time.perf_counter() - start

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
        loss, logits = self.backward(images, labels)
        if self.recipe.gradient_clip:
            self.scaler.unscale_(self.optimiser)
            nn.utils.clip_grad_norm_(self.module.parameters(), self.recipe.gradient_clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.rate = self.optimiser.param_groups[0]["lr"]
        self.schedule.step()
        return loss, logits

    def _backward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Loss and logits; the gradients are those of this batch."""
        with autocast(self.device, self.half):
            logits, *auxiliary = tree_leaves(self.module(images))
            smoothing = self.recipe.label_smoothing
            loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
            for other in auxiliary:
                loss = loss + AUXILIARY_WEIGHT * F.cross_entropy(
                    other, labels, label_smoothing=smoothing
                )
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        return loss.detach(), logits.detach()

    def _report(self, step: int, recent: Totals, seconds: float) -> Step:
        images = recent.images
        self.pace.add(images // self.batch_size, seconds)
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
            raise TrainingError(filled, code=DIVERGED)
        return Step(
            step=self.epoch * self.steps_an_epoch + step,
            steps=self.recipe.epochs * self.steps_an_epoch,
            step_of_epoch=step,
            epoch=self.epochs_done,
            loss=loss,
            accuracy=accuracy,
            images=self.images_done,
            learning_rate=self.rate,
            images_per_second=images / seconds,
            seconds_left=self._seconds_left(),
            memory_bytes=_memory(self.device),
            gradient_norms=self._gradient_norms(),
        )

    def _seconds_left(self) -> float:
        step, evaluation = self.pace.seconds_a_step, self.evaluation_seconds
        if evaluation is None:
            evaluation = FORWARD_SHARE * step * len(self.test) / self.batch_size
        return seconds_left(
            steps=self.recipe.epochs * self.steps_an_epoch
            - (self.epoch * self.steps_an_epoch + self.step),
            seconds_a_step=step,
            evaluations=self.recipe.epochs - self.epoch,
            seconds_an_evaluation=evaluation,
            until_limit=self.deadline - time.perf_counter(),
        )

    def _gradient_norms(self) -> tuple[float, ...]:
        weights = [weight for weight in self.module.parameters() if weight.ndim > 1]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        return tuple(torch.stack(torch._foreach_norm(gradients)).tolist())


def half_precision(device: torch.device) -> torch.dtype | None:
    """The 16-bit type of a device: bfloat16 if an NVIDIA GPU has it; None on all others."""
    if device.type != "cuda":
        return None
    supported = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if supported else torch.float16


def _mixed(seed: int, epoch: int) -> int:
    """A seed for one epoch of a run."""
    return (seed * 1_000_003 + epoch) % 2**63


def _memory(device: torch.device) -> int:
    """The most bytes that tensors held on a GPU; 0 where nothing counts them."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
