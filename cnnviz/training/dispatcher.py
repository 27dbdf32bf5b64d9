"""The one process that starts, watches and ends training jobs.

    python -m cnnviz.training.dispatcher

It may be killed at any time: the next one ends what this one left running and lets it begin again.
"""

import fcntl
import logging
import math
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOBase
from typing import Any

import psutil

from cnnviz import logs, machine
from cnnviz.config import Config, ConfigError, config
from cnnviz.logs import owner_mark
from cnnviz.text import Text
from cnnviz.training.backend import Backend, chosen_backend
from cnnviz.training.checkpoint import CHECKPOINT
from cnnviz.training.disk import RESERVE, filled_up, free_gigabytes
from cnnviz.training.dispatcher_process import BEAT, LOCK, beat
from cnnviz.training.errors import TrainingError
from cnnviz.training.files import folder, open_store
from cnnviz.training.job import CANCELLED, DONE, FAILED, RUNNING, UNREADABLE, Job
from cnnviz.training.purge import purge
from cnnviz.training.speed import kept_speed, learn
from cnnviz.training.stopping import ask_to_stop, forget_stop
from cnnviz.training.store import Store
from cnnviz.training.tidying import tidy

POLL = 0.05  # seconds
GRACE = 20.0  # seconds between asking to stop and killing: a layer may take so long
LOSSES = 2  # attempts that may lose their process
ROUND = 60.0  # seconds from one round to the next: what is too old, unreadable, left behind
PURGED = 50  # runs deleted at a time, so that the others are not kept waiting

log = logging.getLogger("cnnviz.dispatcher")


@dataclass
class Run:
    """An attempt at a job that is under way.

    Args:
        heard, looked: when it last gave a sign of life, and when it was last looked for one.
        computed: its CPU time then, in seconds.
        has_learnt, is_evaluated: how far it is: a step is done; its weights are kept.
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
    last: dict[str, Any] | None = None


class Dispatcher:
    """Call `step` again and again; each call looks after everything once and returns at once."""

    def __init__(self, store: Store, backend: Backend, limits: Config):
        self.store, self.backend, self.limits = store, backend, limits
        self.runs: dict[str, Run] = {}
        self.unreadable = 0  # jobs
        self.next_round = 0.0
        self.look()

    def look(self) -> None:
        """Ask again how much there is: GPUs may vanish, and machines come and go."""
        capacity = self.backend.look()
        self.gpus, self.slots = capacity.gpus, self.limits.slots or capacity.jobs

    def recover(self) -> None:
        """End what an earlier dispatcher left running, and let it begin again."""
        for job in self.store.jobs(states=[UNREADABLE]):
            self.backend.kill_left_over(job.process)
        for job in self.store.jobs(states=[RUNNING]):
            _say(job, "was left running: it begins again")
            self.backend.kill_left_over(job.process)
            if job.cancel:
                self.store.end(job.id, job.attempt, CANCELLED)
            else:
                self.store.requeue(job.id, job.attempt)

    def step(self) -> None:
        cancelled = {job.id: job.cancel for job in self.store.jobs(states=[RUNNING])}
        for run in list(self.runs.values()):
            try:
                self._look_after(run, cancel=cancelled.get(run.job.id, 0))
            except TrainingError:
                if not self._disk_is_full():
                    raise
                run.reason = filled_up()  # written as soon as there is room again
                self.backend.kill(run.handle)
        if len(self.runs) > 1:
            for run in self.runs.values():
                run.is_alone = False
        is_open = self.store.paused_by() is None and not self._disk_is_full()
        if is_open and len(self.runs) < self.slots:
            for job in self.store.queue():
                if self._has_room(job):
                    self._start(job)
        if time.monotonic() > self.next_round:
            self.next_round = time.monotonic() + ROUND
            self._go_round()

    def _go_round(self) -> None:
        """Look after what can wait for a minute; what makes room comes first, for a full disk."""
        try:
            tidy(self.store)
            found = self.store.close_unreadable()
        except TrainingError:
            if not self._disk_is_full():
                raise
            return
        if len(found) != self.unreadable:
            self.unreadable = len(found)
            log.warning("%d runs cannot be read; they can be deleted", self.unreadable)
        if self.limits.keep_days:
            gone = purge(self.store, self.limits.keep_days, most=PURGED)
            log.info("%d runs were older than %g days and are gone", gone, self.limits.keep_days)

    def stop(self) -> None:
        """End all jobs, which begin again with the next dispatcher."""
        for run in self.runs.values():
            self.backend.kill(run.handle)
            self.store.requeue(run.job.id, run.attempt)
        self.runs.clear()
        self.backend.close()

    def _has_room(self, job: Job) -> bool:
        beside = [run.job.request.device for run in self.runs.values()]
        return len(beside) < self.slots and self.backend.has_room(job.request.device, beside)

    def _start(self, job: Job) -> None:
        attempt = self.store.begin(job.id)
        if attempt is None:
            return
        _say(job, "begins, attempt %d: %s", attempt, job.request.preset)
        place = folder(job.id)
        forget_stop(place)
        try:
            handle = self.backend.start(job.request, place)
        except TrainingError as error:
            self.store.end(job.id, attempt, FAILED, code=error.code, message=error.message)
            return
        self.store.set_process(job.id, self.backend.describe(handle))
        now = time.monotonic()
        learnt = (place / CHECKPOINT).exists()
        self.runs[job.id] = Run(job, attempt, handle, began=now, heard=now, has_learnt=learnt)

    def _look_after(self, run: Run, *, cancel: int) -> None:
        events, status = self.backend.poll(run.handle)
        now = time.monotonic()
        if self.backend.waits(run.handle):
            run.began = run.heard = now  # its time has not begun either
        if events:
            held = self.backend.memory_bytes(run.handle)
            events = [
                {**event, "held_bytes": held} if event["kind"] == "step" else event
                for event in events
            ]
            run.heard, run.last = now, events[-1]
            kinds = {event["kind"] for event in events}
            run.has_learnt |= "step" in kinds
            run.is_evaluated |= "evaluating" in kinds
            if not self.store.write(run.job.id, run.attempt, events):
                _say(run.job, "is no longer attempt %d", run.attempt)
                self.backend.kill(run.handle)
                del self.runs[run.job.id]
                return
        if status is not None:
            self._end(run, status, cancel=cancel)
            del self.runs[run.job.id]
            return
        run.reason = run.reason or self._too_much(run, now)
        if run.reason:
            self.backend.kill(run.handle)
        elif cancel:
            self._stop(run, now, twice=cancel > 1)

    def _stop(self, run: Run, now: float, *, twice: bool) -> None:
        """Let a job keep and evaluate what it has learnt; kill it where there is nothing to keep.

        So is one that does not obey, takes too long, or is stopped once more when that is kept.
        """
        if run.asked_to_stop is None:
            run.asked_to_stop = now
            if run.has_learnt:
                ask_to_stop(folder(run.job.id))
        if not run.has_learnt or (run.is_evaluated and twice):
            patience = 0.0
        else:
            patience = self.limits.evaluation if run.is_evaluated else GRACE
        if now - run.asked_to_stop >= patience:
            self.backend.kill(run.handle)

    def _is_stuck(self, run: Run, now: float) -> bool:
        """Whether a job has neither reported nor computed anything for a heartbeat.

        A long step reports nothing and yet computes, if slowly where others do, too.
        """
        if now - max(run.heard, run.looked) > self.limits.heartbeat / 4:
            computed, run.looked = self.backend.cpu_seconds(run.handle), now
            if computed is not None and computed != run.computed:
                run.computed, run.heard = computed, now
        return now - run.heard > self.limits.heartbeat

    def _too_much(self, run: Run, now: float) -> TrainingError | None:
        """Why a job has to be ended, if it has to be."""
        seconds = run.job.request.recipe.time_limit + self.limits.evaluation
        if now - run.began > seconds:
            message = Text(
                "The job took longer than {seconds:.0f} s, its time limit and the time for its "
                "evaluation. Take fewer epochs, a smaller network or a smaller image.",
                "训练任务超过了 {seconds:.0f} 秒（时间上限加测试时间）。"
                "请减少轮数、缩小网络或图像。",
            )
            return TrainingError(message.format(seconds=seconds), code="time_limit")
        if self._is_stuck(run, now):
            message = Text(
                "The job gave no sign of life for {seconds:.0f} s. Start it again; if that comes "
                "back, take a smaller batch, or ask the administrator for the log.",
                "训练任务已有 {seconds:.0f} 秒没有响应。请重新开始；若再次出现，请减小批量，"
                "或请管理员查看日志。",
            )
            return TrainingError(message.format(seconds=self.limits.heartbeat), code="no_heartbeat")
        held = self.backend.memory_bytes(run.handle) / 1e9
        most = self.limits.job_memory or self.backend.total_bytes(run.handle) / 2e9
        if held > most:
            message = Text(
                "The job held {held:.1f} GB of memory; {most:.1f} GB is the most. Take a smaller "
                "batch or network.",
                "训练任务占用了 {held:.1f} GB 内存，最多 {most:.1f} GB。请减小批量或网络。",
            )
            filled = message.format(held=held, most=most)
            return TrainingError(filled, code="memory_limit")
        return filled_up() if self._disk_is_full() else None

    def _disk_is_full(self) -> bool:
        return free_gigabytes() <= RESERVE * self.limits.disk_free

    def _end(self, run: Run, status: int, *, cancel: int) -> None:
        """Close a job whose process is over."""
        last = run.last or {}
        kind = last.get("kind")
        end = (run.job.id, run.attempt)
        if kind == "end":
            result = {name: last[name] for name in last if name not in ("kind", "number")}
            state = CANCELLED if last.get("ended_by") == "stop" else DONE
            self.store.end(*end, state, result=result)
            self._learn(run, result)
        elif cancel:
            self.store.end(*end, CANCELLED)
        elif run.reason:
            self.store.end(*end, FAILED, code=run.reason.code, message=run.reason.message)
        elif kind == "failed":
            self.store.end(*end, FAILED, code=last["code"], message=Text(**last["message"]))
        else:
            self._lost(run, status)
        _say(run.job, "ended with status %s, last event %s", status, kind)
        with suppress(TrainingError):  # of a full disk: once more in the next round
            tidy(self.store)

    def _learn(self, run: Run, result: dict[str, Any]) -> None:
        """Let a run that had the machine for itself correct what is expected of the next."""
        job = run.job
        if run.is_alone and job.predicted and result.get("ended_by") == "epochs":
            family = job.request.spec.family
            taken = result["total_seconds"]
            learn(job.request.device, family, predicted=job.predicted, taken=taken)

    def _lost(self, run: Run, status: int) -> None:
        """The process is gone without a word: once more, then give up."""
        if run.job.losses + 1 < LOSSES:
            self.store.requeue(run.job.id, run.attempt, lost=True)
            return
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        message = Text(
            "The job's process ended {times} times ({how}). Try another network, or ask the "
            "administrator for the log.",
            "训练任务进程已 {times} 次意外结束（{how}）。请换一个网络，或请管理员查看日志。",
        )
        filled = message.format(times=LOSSES, how=how)
        self.store.end(run.job.id, run.attempt, FAILED, code="crashed", message=filled)


def _say(job: Job, text: str, *values: object) -> None:
    """Put something about a job into the log."""
    fields = {"job": job.id, "owner": owner_mark(job.owner)}
    log.info(f"job %s {text}", job.id, *values, extra=fields)


def main() -> None:
    """Serve until SIGTERM or, when started by an app (CNNVIZ_PARENT), until it is gone and idle."""
    try:
        limits = config()
        logs.set_up()
        store = open_store()
        with (limits.data / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _serve(Dispatcher(store, chosen_backend(), limits), lock)
    except BlockingIOError:
        sys.exit("There is a dispatcher for this data directory already.")
    except (ConfigError, TrainingError, OSError) as error:
        sys.exit(str(error))


def _serve(dispatcher: Dispatcher, lock: TextIOBase) -> None:
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopping.append(number))
    parent = int(os.environ.get("CNNVIZ_PARENT", "0"))
    most_gpus, beaten = 0, -math.inf
    if any(kept_speed(device) is None for device in ("cpu", *machine.gpus())):
        subprocess.Popen([sys.executable, "-m", "cnnviz.training.speed"], stdin=subprocess.DEVNULL)
    dispatcher.recover()
    while not stopping:
        if time.monotonic() - beaten > BEAT:
            dispatcher.look()
            most_gpus = max(most_gpus, dispatcher.gpus)
            beat(lock, dispatcher.gpus, most_gpus, dispatcher.unreadable)
            beaten = time.monotonic()
        dispatcher.step()
        if parent and not dispatcher.runs and not psutil.pid_exists(parent):
            break
        time.sleep(POLL)
    dispatcher.stop()


if __name__ == "__main__":
    main()
