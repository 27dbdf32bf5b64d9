"""The training job on the command line, without queue and dispatcher."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from cnnviz.data.dataset import find
from cnnviz.machine import device_text, free_bytes
from cnnviz.numbers import clock
from cnnviz.text import Text
from cnnviz.training.admission import training_spec
from cnnviz.training.checkpoint import CHECKPOINT, CheckpointError, read_checkpoint
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Ended, Epoch, Event, Phase, Started, Step
from cnnviz.training.forecast import Forecast
from cnnviz.training.plan import Plan, as_it_is, plan
from cnnviz.training.plan_words import sentences
from cnnviz.training.request import Request
from cnnviz.training.speed import learn
from cnnviz.training.worker import run_job

_LEFT_OUT = (
    "Pictures left out: {count}, which are unreadable, too large, or after the first 20,000."
)
TOO_LONG = 600  # seconds, beyond which a run is begun only on request


def train(
    request: Request,
    folder: Path | None,
    *,
    quiet: bool,
    budget: float | None,
    agreed: bool,
    anew: bool = False,
) -> None:
    """Train with a progress bar; the last line is a JSON object with the result.

    Args:
        folder: keeps weights and results; None to keep nothing.
        quiet: print nothing else on standard output; the rest goes to standard error.
        budget: seconds of the demo that is trained; None to train the network as it is.
        agreed: whether the user accepts a long run.
        anew: begin again, and drop a checkpoint that is in the folder.

    Raises:
        TrainingError: the job is refused or would take too long, the folder is another run's, or
            training diverged.
        KeyboardInterrupt: with a sentence about what is left.
    """
    made = _planned(request, budget)
    said = sentences(made, device_text(request.device))
    print(said.en, file=sys.stderr if quiet else sys.stdout)
    if budget is None and not agreed:
        _ask(made)
    planned = replace(request, spec=made.spec, recipe=made.recipe)
    if folder:
        _take(folder, planned, anew=anew)
    with tempfile.TemporaryDirectory() as passing:
        try:
            for event in _shown(run_job(planned, folder or Path(passing)), quiet=quiet):
                end = event
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_left(folder, planned)) from None
    assert isinstance(end, Ended), "the last event of a job that raises nothing"
    taken = end.seconds_of(made.recipe.epochs)
    if taken:
        learn(request.device, made.spec.family, predicted=made.seconds, taken=taken)
    result = {**end.values, **_of_plan(planned, made), "seconds": end.total_seconds}
    print(json.dumps(result))


def _take(folder: Path, planned: Request, *, anew: bool) -> None:
    """Make sure that a checkpoint in the folder is this run's, or gone.

    Raises:
        CheckpointError: the checkpoint is another run's.
    """
    checkpoint = folder / CHECKPOINT
    if anew:
        checkpoint.unlink(missing_ok=True)
    elif checkpoint.exists():
        read_checkpoint(checkpoint, planned)


def _left(folder: Path | None, planned: Request) -> str:
    """A sentence on the files that remain after Ctrl-C."""
    if folder is None:
        return "Interrupted before the end; nothing is kept without -o."
    try:
        epochs = read_checkpoint(folder / CHECKPOINT, planned)["epoch"]
    except CheckpointError:
        return "Interrupted before the end of the first epoch; nothing is kept."
    return (
        f"Interrupted before the end. {folder} holds what {epochs} of {planned.recipe.epochs} "
        "epochs have learnt; the same command goes on from there."
    )


def _planned(request: Request, budget: float | None) -> Plan:
    free_bytes(request.device)  # raises if the device is not there
    spec = training_spec(request.spec, find(request.data))
    forecast = Forecast.now(request.data, request.device)
    if budget is None:
        return as_it_is(spec, request.recipe, forecast)
    return plan(spec, request.recipe, forecast, budget)


def _ask(made: Plan) -> None:
    """Ask at the terminal before a long run; without a terminal the run is refused."""
    limit = min(TOO_LONG, made.recipe.time_limit)
    if made.unchanged <= limit:
        return
    message = Text(
        "This would take about {time}, and {limit} is what a run may take unasked. Take --demo "
        "for a short one, fewer epochs, or --yes.",
        "这约需 {time}，而未经确认的训练最多 {limit}。请用 --demo 训练简短版本、减少轮数，"
        "或加上 --yes。",
    ).format(time=clock(made.unchanged), limit=clock(limit))
    if not sys.stdin.isatty():
        raise TrainingError(message, code="too_long")
    print(message.en, file=sys.stderr)
    print("Begin all the same? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise TrainingError(Text("Nothing was trained.", "没有训练。"), code="too_long")


def _shown(events: Iterator[Event], *, quiet: bool) -> Iterator[Event]:
    """The events, with a bar, and a line for each epoch, while they come."""
    with tqdm(unit="step", disable=None, file=sys.stderr) as bar:
        for event in events:
            if isinstance(event, Phase):
                bar.set_description(event.phase)
            elif isinstance(event, Step):
                bar.set_description("training", refresh=False)
                bar.total = event.steps
                bar.set_postfix(loss=f"{event.loss:.3f}", refresh=False)
                bar.update(event.step - bar.n)
            elif isinstance(event, Started) and event.skipped:
                bar.write(_LEFT_OUT.format(count=event.skipped), file=sys.stderr)
            elif isinstance(event, Epoch) and not quiet:
                bar.write(_epoch_line(event), file=sys.stdout)
            yield event


def _of_plan(trained: Request, made: Plan) -> dict[str, Any]:
    """The prediction, and the network and recipe that were really trained."""
    changes = [
        {"what": change.what, "from": change.before, "to": change.after} for change in made.changes
    ]
    fields = json.loads(trained.to_json())
    return {
        "predicted_seconds": made.seconds,
        "budget": made.budget,
        "changes": changes,
        "trained": {name: fields[name] for name in ("preset", "family", "knobs")},
        "recipe": fields["recipe"],
    }


def _epoch_line(event: Epoch) -> str:
    return (
        f"epoch {event.epoch:g}: train loss {event.train_loss:.4f} "
        f"accuracy {event.train_accuracy:.4f}, test loss {event.test_loss:.4f} "
        f"accuracy {event.test_accuracy:.4f}, {event.seconds:.1f} s"
    )
