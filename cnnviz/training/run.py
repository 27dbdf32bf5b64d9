"""A run that the dispatcher watches, and the reasons to end it."""

from dataclasses import dataclass
from typing import Any

from cnnviz.config import Config
from cnnviz.text import Text
from cnnviz.training.backend import Backend
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Event
from cnnviz.training.job import Job


@dataclass
class Run:
    """An attempt at a job that is under way.

    Args:
        heard, looked: time of its last sign of life, and of the last look for one.
        computed: its CPU time then, in seconds.
        has_learnt, is_evaluated: a step is done; its weights are kept and evaluated.
        is_alone: whether no other job has run beside it.
    """

    job: Job
    attempt: int
    handle: Any
    began: float
    heard: float
    has_learnt: bool
    is_evaluated: bool = False
    is_alone: bool = True
    looked: float = 0.0
    computed: float | None = None
    reason: TrainingError | None = None
    asked_to_stop: float | None = None
    last: Event | None = None


def too_much(run: Run, now: float, *, backend: Backend, limits: Config) -> TrainingError | None:
    """The reason to end a job: its time, its silence or its memory; None if there is none."""
    seconds = run.job.asked.recipe.time_limit + limits.evaluation
    if now - run.began > seconds:
        message = Text(
            "The job took longer than {seconds:.0f} s, its time limit and the time for its "
            "evaluation. Take fewer epochs, a smaller network or a smaller image.",
            "训练任务超过了 {seconds:.0f} 秒（时间上限加测试时间）。请减少轮数、缩小网络或图像。",
        )
        return TrainingError(message.format(seconds=seconds), code="time_limit")
    if is_stuck(run, now, backend=backend, heartbeat=limits.heartbeat):
        message = Text(
            "The job gave no sign of life for {seconds:.0f} s. Start it again; if that comes "
            "back, take a smaller batch, or ask the administrator for the log.",
            "训练任务已有 {seconds:.0f} 秒没有响应。请重新开始；若再次出现，请减小批量，"
            "或请管理员查看日志。",
        )
        return TrainingError(message.format(seconds=limits.heartbeat), code="no_heartbeat")
    held = backend.memory_bytes(run.handle) / 1e9
    most = limits.job_memory or backend.total_bytes(run.handle) / 2e9
    if held > most:
        message = Text(
            "The job held {held:.1f} GB of memory; {most:.1f} GB is the most. Take a smaller "
            "batch or network.",
            "训练任务占用了 {held:.1f} GB 内存，最多 {most:.1f} GB。请减小批量或网络。",
        )
        filled = message.format(held=held, most=most)
        return TrainingError(filled, code="memory_limit")
    return None


def is_stuck(run: Run, now: float, *, backend: Backend, heartbeat: float) -> bool:
    """Whether a job has neither reported nor computed anything for a heartbeat.

    A long step reports nothing and yet computes, slowly where others compute, too.
    """
    if now - max(run.heard, run.looked) > heartbeat / 4:
        computed, run.looked = backend.cpu_seconds(run.handle), now
        if computed is not None and computed != run.computed:
            run.computed, run.heard = computed, now
    return now - run.heard > heartbeat
