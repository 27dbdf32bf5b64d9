"""The one process that starts, watches and ends training jobs.

    python -m cnnviz.training.dispatcher

The process may be killed at any time: the next dispatcher ends the jobs that were left running and
lets them begin again.
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
from dataclasses import replace
from io import TextIOBase

import psutil

from cnnviz import logs
from cnnviz.config import Config, ConfigError, config
from cnnviz.gpus import gpus
from cnnviz.logs import owner_mark
from cnnviz.text import Text
from cnnviz.training import gpu_check
from cnnviz.training.backend import Backend, chosen_backend
from cnnviz.training.checkpoint import CHECKPOINT
from cnnviz.training.disk import RESERVE, filled_up, free_gigabytes
from cnnviz.training.dispatcher_process import BEAT, LOCK, beat
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Ended, Evaluating, Failed, Step
from cnnviz.training.files import folder, open_store
from cnnviz.training.job import Job
from cnnviz.training.purge import purge
from cnnviz.training.run import Run, too_much
from cnnviz.training.speed import kept_speed, learn
from cnnviz.training.state import JobState
from cnnviz.training.stopping import ask_to_stop, forget_stop
from cnnviz.training.store import Store
from cnnviz.training.tidying import tidy

POLL = 0.05  # seconds
GRACE = 20.0  # seconds between asking to stop and killing: a layer may take so long
LOSSES = 2  # attempts that may lose their process
ROUND = 60.0  # seconds between two rounds over old, unreadable and left-behind runs
PURGED = 50  # runs deleted at a time, so that jobs are not kept waiting

log = logging.getLogger("cnnviz.dispatcher")


class Dispatcher:
    """Call `step` again and again; each call looks after everything once and returns at once."""

    def __init__(self, store: Store, backend: Backend, limits: Config):
        self.store, self.backend, self.limits = store, backend, limits
        self.runs: dict[str, Run] = {}
        self.unreadable = 0  # jobs
        self.next_round = 0.0
        self.look()

    def look(self) -> None:
        """Ask the backend for its capacity again: GPUs may vanish, and machines come and go."""
        capacity = self.backend.look()
        self.gpus, self.slots = capacity.gpus, self.limits.slots or capacity.jobs

    def recover(self) -> None:
        """End the jobs that an earlier dispatcher left running, and let them begin again."""
        for job in self.store.jobs(states=[JobState.UNREADABLE]):
            self.backend.kill_left_over(job.process)
        for job in self.store.jobs(states=[JobState.RUNNING]):
            _say(job, "was left running: it begins again")
            self.backend.kill_left_over(job.process)
            if job.cancel:
                self.store.end(job.id, job.attempt, JobState.CANCELLED)
            else:
                self.store.requeue(job.id, job.attempt)

    def step(self) -> None:
        cancelled = {job.id: job.cancel for job in self.store.jobs(states=[JobState.RUNNING])}
        for run in list(self.runs.values()):
            try:
                self._look_after(run, cancel=cancelled.get(run.job.id, 0))
            except TrainingError:
                if not self._disk_is_full():
                    raise
                run.reason = filled_up()  # stored as soon as there is room again
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
        """Do the chores that can wait for a minute; those that make room come first."""
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
        beside = [run.job.asked.device for run in self.runs.values()]
        return len(beside) < self.slots and self.backend.has_room(job.asked.device, beside)

    def _start(self, job: Job) -> None:
        attempt = self.store.begin(job.id)
        if attempt is None:
            return
        _say(job, "begins, attempt %d: %s", attempt, job.asked.preset)
        place = folder(job.id)
        forget_stop(place)
        try:
            handle = self.backend.start(job.asked, place)
        except TrainingError as error:
            self.store.end(job.id, attempt, JobState.FAILED, code=error.code, message=error.message)
            return
        self.store.set_process(job.id, self.backend.describe(handle))
        now = time.monotonic()
        learnt = (place / CHECKPOINT).exists()
        self.runs[job.id] = Run(job, attempt, handle, began=now, heard=now, has_learnt=learnt)

    def _look_after(self, run: Run, *, cancel: int) -> None:
        events, status = self.backend.poll(run.handle)
        now = time.monotonic()
        if self.backend.waits(run.handle):
            run.began = run.heard = now  # a waiting job uses none of its time
        if events:
            held = self.backend.memory_bytes(run.handle)
            events = [
                replace(event, held_bytes=held) if isinstance(event, Step) else event
                for event in events
            ]
            run.heard, run.last = now, events[-1]
            run.has_learnt |= any(isinstance(event, Step) for event in events)
            run.is_evaluated |= any(isinstance(event, Evaluating) for event in events)
            if not self.store.write(run.job.id, run.attempt, events):
                _say(run.job, "is no longer attempt %d", run.attempt)
                self.backend.kill(run.handle)
                del self.runs[run.job.id]
                return
        if status is not None:
            self._end(run, status, cancel=cancel)
            del self.runs[run.job.id]
            return
        run.reason = run.reason or self._reason(run, now)
        if run.reason:
            self.backend.kill(run.handle)
        elif cancel:
            self._stop(run, now, twice=cancel > 1)

    def _stop(self, run: Run, now: float, *, twice: bool) -> None:
        """Let a job keep and evaluate its weights; kill a job that has learnt nothing yet.

        A job is also killed if it does not obey, if its evaluation takes too long, or if it is
        stopped a second time after its weights are kept.
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

    def _reason(self, run: Run, now: float) -> TrainingError | None:
        """The reason to end a job, if there is one."""
        found = too_much(run, now, backend=self.backend, limits=self.limits)
        return filled_up() if found is None and self._disk_is_full() else found

    def _disk_is_full(self) -> bool:
        return free_gigabytes() <= RESERVE * self.limits.disk_free

    def _end(self, run: Run, status: int, *, cancel: int) -> None:
        """Close a job whose process is over."""
        last, end = run.last, (run.job.id, run.attempt)
        if isinstance(last, Ended):
            state = JobState.CANCELLED if last.ended_by == "stop" else JobState.DONE
            self.store.end(*end, state, result=last.values)
            self._learn(run, last)
        elif cancel:
            self.store.end(*end, JobState.CANCELLED)
        elif run.reason:
            self.store.end(*end, JobState.FAILED, code=run.reason.code, message=run.reason.message)
        elif isinstance(last, Failed):
            self.store.end(*end, JobState.FAILED, code=last.code, message=last.message)
        else:
            self._lost(run, status)
        _say(run.job, "ended with status %s, last event %s", status, last and last.kind)
        with suppress(TrainingError):  # a full disk: the next round tries again
            tidy(self.store)

    def _learn(self, run: Run, end: Ended) -> None:
        """Correct the forecast of later runs by a run that had the machine for itself."""
        job = run.job
        taken = end.seconds_of(job.asked.recipe.epochs)
        if run.is_alone and job.predicted and taken:
            family = job.asked.spec.family
            learn(job.asked.device, family, predicted=job.predicted, taken=taken)

    def _lost(self, run: Run, status: int) -> None:
        """Handle a process that is gone without a word: begin once more, then give up."""
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
        self.store.end(run.job.id, run.attempt, JobState.FAILED, code="crashed", message=filled)


def _say(job: Job, text: str, *values: object) -> None:
    """Log a line about a job."""
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
    looking = _look_at_devices()
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
    for process in looking:
        process.terminate()
    dispatcher.stop()


def _look_at_devices() -> list[subprocess.Popen[bytes]]:
    """Start to check the GPUs, and to measure devices whose speed is not known."""
    gpu_check.forget()
    modules = ["gpu_check"] if gpus() else []
    if any(kept_speed(device) is None for device in ("cpu", *gpus())):
        modules.append("speed")
    return [
        subprocess.Popen(
            [sys.executable, "-m", f"cnnviz.training.{module}"], stdin=subprocess.DEVNULL
        )
        for module in modules
    ]


if __name__ == "__main__":
    main()
