"""How much the training job costs beside a bare loop, and how fast jobs begin, end and are read.

    python -m benchmarks.training

prints one Markdown table. The bare loop is what anybody would write: the same network, images,
batches, optimiser and evaluation, and nothing that tells anybody about it. Both take turns, and the
table holds medians. The job's side is `run_job` as a process of the queue runs it, with its events,
checkpoints and results, from its first step to its last epoch.
"""

import os
import tempfile
import threading
import time
from pathlib import Path
from statistics import median, quantiles

import torch
import torch.nn.functional as F

import cnnviz
from cnnviz.config import Config
from cnnviz.data.dataset import load
from cnnviz.training.batches import on_device
from cnnviz.training.dispatcher import Dispatcher
from cnnviz.training.events import Step
from cnnviz.training.local import LocalBackend
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.state import JobState
from cnnviz.training.store import Store
from cnnviz.training.worker import run_job

ROUNDS = 7
EPOCHS = 3
CLICKS = 10
READERS, WRITES, HERTZ = 30, 500, 100
CPU = torch.device("cpu")


def request(epochs: int) -> Request:
    spec = cnnviz.spec("lenet-d2l", activation="relu", pooling="max")
    recipe = Recipe(epochs=epochs, schedule="constant")
    return Request("lenet-d2l", spec, recipe, "fashion-mnist-6k", "cpu")


def bare_loop(asked: Request) -> float:
    """Images a second."""
    recipe = asked.recipe
    torch.manual_seed(recipe.seed)
    module = asked.spec.build()
    train, test = on_device(load(asked.data), asked.spec.input_shape[1:], CPU)
    optimiser = torch.optim.SGD(
        module.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
    )
    steps = len(train) // recipe.batch_size
    start = time.perf_counter()
    for _ in range(recipe.epochs):
        module.train()
        order = torch.randperm(len(train))
        for step in range(steps):
            rows = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            loss = F.cross_entropy(module(train.images[rows]), train.labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        module.eval()
        with torch.inference_mode():
            for batch, labels in zip(test.images.split(256), test.labels.split(256), strict=True):
                (module(batch).argmax(dim=1) == labels).sum().item()
    return recipe.epochs * steps * recipe.batch_size / (time.perf_counter() - start)


def job(asked: Request) -> float:
    """Images a second."""
    with tempfile.TemporaryDirectory() as folder:
        *_, end = run_job(asked, Path(folder))
    return end.images_per_second


def waiting(store: Store, dispatcher: Dispatcher, condition) -> float:
    """Seconds until the condition holds, the dispatcher at work as it is in its own process."""
    start = time.perf_counter()
    while not condition():
        dispatcher.step()
        time.sleep(0.01)
    return time.perf_counter() - start


def clicks(folder: Path) -> tuple[float, float]:
    """Median seconds from submitting to the first event, and from cancelling to the end."""
    store = Store(folder / "jobs.db")
    dispatcher = Dispatcher(store, LocalBackend(threads=1), Config(slots=1))
    first, gone = [], []
    for number in range(CLICKS + 1):
        job_id = store.submit(request(200), key=str(number), owner="bench").id
        first.append(waiting(store, dispatcher, lambda: store.events(job_id)))  # noqa: B023
        store.cancel(job_id, owner="bench")
        gone.append(
            waiting(store, dispatcher, lambda: store.job(job_id).state == JobState.CANCELLED)  # noqa: B023
        )
    return median(first[1:]), median(gone[1:])  # the first waits for the import of torch


def readers(folder: Path) -> float:
    """The 99th percentile of the seconds a reader takes beside a busy writer."""
    store = Store(folder / "readers.db")
    job_id = store.submit(request(1), key="k", owner="bench").id
    attempt = store.begin(job_id)
    done, taken = threading.Event(), []

    def read() -> None:
        last = 0
        while not done.wait(0.1):
            start = time.perf_counter()
            events = store.events(job_id, after=last)
            taken.append(time.perf_counter() - start)
            last = events[-1].number if events else last

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for step in range(WRITES):
        store.write(job_id, attempt, [Step(step=step, loss=0.5)])
        time.sleep(1 / HERTZ)
    done.set()
    for thread in threads:
        thread.join()
    return quantiles(taken, n=100)[-1]


def main() -> None:
    torch.set_num_threads(1)
    asked = request(EPOCHS)
    for way in (job, bare_loop):
        way(request(1))
    rates = [(job(asked), bare_loop(asked)) for _ in range(ROUNDS)]
    ours, bare = (median(side) for side in zip(*rates, strict=True))
    ratio = median(mine / theirs for mine, theirs in rates)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CNNVIZ_DATA"] = folder
        first, gone = clicks(Path(folder))
        slowest = readers(Path(folder))
    rows = (
        ("what", "measured", "target", "met"),
        ("---",) * 4,
        (
            "lenet-d2l, images a second: job / bare PyTorch loop",
            f"{ours:,.0f} / {bare:,.0f} = {ratio:.2f}",
            ">= 0.97",
            "yes" if ratio >= 0.97 else "no",
        ),
        ("submit to first event", f"{first:.2f} s", "< 3 s", "yes" if first < 3 else "no"),
        ("cancel to gone", f"{gone:.2f} s", "< 2 s", "yes" if gone < 2 else "no"),
        (f"{READERS} readers beside a {HERTZ} Hz writer, 99 %", f"{slowest * 1000:.1f} ms", "", ""),
    )
    for cells in rows:
        print("|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
