"""The web process's side of the live worker: one worker, one task at a time, answers shared."""

import signal
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cachetools import LRUCache, TTLCache

from cnnviz.analysis.real_run import LiveError
from cnnviz.live.process import Process, Received
from cnnviz.live.tasks import Reply, Task
from cnnviz.machine import device_text
from cnnviz.text import Text

ANSWERS = 128_000_000  # bytes of answers that are kept
FAILURES = 1000  # that are kept
FAILED_FOR = 20.0  # seconds that a failure counts as the answer; then the task is tried anew
STARTS_WITHIN = 60.0  # seconds
LOOK = 0.5  # seconds between two looks at a worker that has nothing to do
OLDEST_EVERY = 4  # every so many turns, the task that has waited longest is next
LOSSES = 2  # workers that may be lost by one task
LONGEST_PAUSE = 60.0  # seconds before a failed worker is started again

BROKEN_OFF = Text("The live worker was ended with the app.", "实时运行进程已随应用结束。")


@dataclass(frozen=True)
class Status:
    """How the live worker is.

    Args:
        pid: of its process, 0 if there is none.
        restarts: starts after the first one.
        models, model_bytes: networks that it keeps, and the bytes of their weights.
        queue: tasks that wait.
        last_error: why it last failed or was lost; empty if it never was.
    """

    alive: bool
    pid: int
    restarts: int
    models: int
    model_bytes: int
    queue: int
    last_error: str


class _Answer(NamedTuple):
    future: Future[Any]
    nbytes: int


@dataclass(eq=False)
class _Request:
    """A task that waits or runs, its cost, and the sessions that want its answer."""

    task: Task
    cost: int
    future: Future[Any] = field(default_factory=Future)
    askers: set[str] = field(default_factory=set)
    losses: int = 0


class Client:
    """Asks the one live worker of this process, in a thread that also looks after the worker.

    Args:
        deadline: seconds that a task may take; then its worker is killed.
        most_bytes: of the networks that the worker keeps.
    """

    def __init__(self, deadline: float, most_bytes: int):
        self._deadline, self._most_bytes = deadline, most_bytes
        self._changed = threading.Condition()
        self._waiting: dict[Task, _Request] = {}
        self._running: _Request | None = None
        self._turn = 0
        self._answers: LRUCache[Task, _Answer] = LRUCache(
            ANSWERS, getsizeof=lambda answer: answer.nbytes
        )
        self._failures: TTLCache[Task, Future[Any]] = TTLCache(FAILURES, FAILED_FOR)
        self._worker: Process | None = None
        self._starts, self._in_vain = 0, 0  # ends in vain since the last answer
        self._next_start = 0.0
        self._cannot_start: Text | None = None
        self._last_reply, self._last_error = Reply(None), ""
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="live", daemon=True)
        self._thread.start()

    def ask(self, task: Task, session: str = "") -> Future[Any]:
        """The answer to a task, now or later; its exception is a `LiveError`.

        Equal tasks share one answer. A session has one task of each kind in the queue: an older one
        of the same kind is cancelled, unless another session wants it. For example, a session
        that asks for the maps of layer 1 and then of layer 2 gets those of layer 2.
        """
        # outside the lock, as the cost may need an analysis, for which nobody else shall wait
        cost = task.cost
        with self._changed:
            self._give_up_others(task, session)
            if answer := self._answers.get(task):
                return answer.future
            if failure := self._failures.get(task):
                return failure
            request = self._waiting.get(task)
            if request is None and self._running and self._running.task == task:
                request = self._running
            if request is None:
                request = self._waiting[task] = _Request(task, cost)
                self._changed.notify()
            request.askers.add(session)
            return request.future

    def status(self) -> Status:
        with self._changed:
            worker = self._worker
            alive = worker is not None and worker.status is None
            return Status(
                alive=alive,
                pid=worker.pid if worker and alive else 0,
                restarts=max(0, self._starts - 1),
                models=self._last_reply.kept if alive else 0,
                model_bytes=self._last_reply.kept_bytes if alive else 0,
                queue=len(self._waiting),
                last_error=self._last_error,
            )

    def close(self) -> None:
        """End the worker; nothing can be asked any more."""
        with self._changed:
            self._closed = True
            if self._worker:
                self._worker.kill()
            self._changed.notify()
        self._thread.join()

    def _give_up_others(self, task: Task, session: str) -> None:
        for other in list(self._waiting.values()):
            if type(other.task) is type(task) and other.task != task and session in other.askers:
                other.askers.remove(session)
                if not other.askers:
                    del self._waiting[other.task]
                    other.future.cancel()

    # Below: the thread's own methods.

    def _serve(self) -> None:
        while not self._closed:
            self._look_after_worker()
            request = self._next()
            if request:
                self._answer(request)
        if self._worker:
            self._end_worker()
        while self._waiting:
            self._finish(self._waiting.popitem()[1], error=BROKEN_OFF)

    def _look_after_worker(self) -> None:
        """Start a worker if there is none, but not again and again in vain."""
        if self._worker and self._worker.status is not None:
            self._end_worker("The live worker was ended while it had nothing to do")
        if self._worker or time.monotonic() < self._next_start:
            return
        self._starts += 1
        try:
            worker = Process(self._most_bytes)
            with self._changed:  # from now on, `close` ends the worker
                self._worker = worker
            if self._closed:
                return
            worker.receive(STARTS_WITHIN)
        except (OSError, EOFError) as error:  # TimeoutError is an OSError
            how = self._end_worker("The live worker could not be started") or str(error)
            message = Text(
                "The live worker cannot be started ({how}), and no network can be run; it is tried "
                "again from time to time. The server's log says more.",
                "实时运行进程无法启动（{how}），暂时不能运行网络，系统会不时重试。详情见服务器日志。",
            )
            self._cannot_start = message.format(how=how)
        else:
            self._cannot_start = None

    def _end_worker(self, why: str = "") -> str:
        """End the worker, and return how its process ended; put off the next start if need be."""
        how = ""
        if self._worker:
            status = self._worker.end()
            how = signal.Signals(-status).name if status < 0 else f"status {status}"
        with self._changed:
            self._worker = None
        if why:
            self._last_error = f"{why} ({how})."
        self._in_vain += 1
        self._next_start = time.monotonic() + self._pause(self._in_vain)
        return how

    @staticmethod
    def _pause(in_vain: int) -> float:
        """Seconds before the next start: none after the first worker that came to nothing."""
        return min(LONGEST_PAUSE, 2.0 ** (in_vain - 2)) if in_vain > 1 else 0.0

    def _next(self) -> _Request | None:
        """The request to answer now, if there is one and somebody to ask, or to say no."""
        with self._changed:
            if not self._waiting or not (self._worker or self._cannot_start):
                self._changed.wait(LOOK)
            if self._closed or not (self._waiting and (self._worker or self._cannot_start)):
                return None
            self._running = self._waiting.pop(self._first().task)
            return self._running

    def _first(self) -> _Request:
        """Momentary tasks go first, then the cheapest; every `OLDEST_EVERY` turns, the oldest.

        A small network waits for at most one large one. A large one waits `OLDEST_EVERY` turns for
        each task that came before, however many small ones come.
        """
        requests = list(self._waiting.values())
        for request in requests:
            if request.task.momentary:
                return request
        self._turn += 1
        if self._turn % OLDEST_EVERY == 0:
            return requests[0]
        return min(requests, key=lambda request: request.cost)

    def _answer(self, request: _Request) -> None:
        if self._worker is None:
            self._finish(request, error=self._cannot_start)
            return
        try:
            self._worker.send(request.task)
            received = self._worker.receive(self._deadline)
        except TimeoutError:
            self._end_worker("A task took longer than its deadline")
            message = Text(
                "It took longer than {seconds:g} s on {device} and was ended; make the network or "
                "the image smaller, or try again when less is going on.",
                "在 {device} 上运行超过 {seconds:g} 秒，已终止；请缩小网络或图像，或稍后再试。",
            )
            device = device_text(request.task.device)
            filled = message.format(seconds=self._deadline, device=device)
            self._finish(request, error=filled)
        except (OSError, EOFError):
            self._lose(request)
        else:
            self._take_in(request, received)

    def _take_in(self, request: _Request, received: Received) -> None:
        self._last_reply = reply = received.reply
        if reply.is_last:
            self._end_worker()
            self._last_error = reply.refusal.en if reply.refusal else ""
        else:
            self._in_vain = 0
        if reply.refusal:
            self._finish(request, error=reply.refusal)
        else:
            self._finish(request, answer=reply.answer, nbytes=received.nbytes)

    def _lose(self, request: _Request) -> None:
        """Handle a worker that is gone without a word: try once more, then give up."""
        how = self._end_worker(f"The live worker was lost at {type(request.task).__name__}")
        request.losses += 1
        if request.losses < LOSSES and not self._closed:
            with self._changed:
                self._running = None
                self._waiting = {request.task: request, **self._waiting}
            return
        message = Text(
            "The live worker ended {times} times while it ran this ({how}). Try another network, "
            "or ask the administrator for the log.",
            "实时运行进程已 {times} 次意外结束（{how}）。请换一个网络，或请管理员查看日志。",
        )
        self._finish(request, error=message.format(times=request.losses, how=how))

    def _finish(
        self, request: _Request, *, answer: Any = None, nbytes: int = 0, error: Text | None = None
    ) -> None:
        """Give the answer or the error to all who ask, now and for some time."""
        task, future = request.task, request.future
        with self._changed:
            self._running = None
            if error and task.is_kept:
                self._failures[task] = future
            elif task.is_kept and nbytes <= ANSWERS:
                self._answers[task] = _Answer(future, nbytes)
        if error:
            future.set_exception(LiveError(error))
        else:
            future.set_result(answer)
