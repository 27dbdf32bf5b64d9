"""Demos on this GPU: what they are predicted to take, and what they take."""

from collections.abc import Iterator

import cnnviz
from benchmarks.gpu.job import events
from benchmarks.gpu.section import NotAsExpectedError, Row
from cnnviz.data.dataset import find
from cnnviz.training.admission import training_spec
from cnnviz.training.events import Ended
from cnnviz.training.forecast import Forecast
from cnnviz.training.plan import LEAST_BUDGET, Plan, plan
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request

HEAD = (
    *("preset", "trained with", "epochs × images", "as it is"),
    *("predicted", "taken", "predicted / taken", "test"),
)
CASES = (
    *("lenet-d2l", "alexnet-torchvision", "vgg-d", "nin-d2l", "googlenet"),
    *("resnet-18", "resnet-50", "densenet-121", "mobilenet-v2", "shufflenet-v2-x1"),
)
DATA = "fashion-mnist-6k"


def measure(preset: str, device: str) -> Iterator[Row]:
    """One row.

    Raises:
        NotAsExpectedError: the job fails, or takes far longer than it may.
    """
    spec = training_spec(cnnviz.spec(preset), find(DATA))
    forecast = Forecast.now(DATA, device)
    made = plan(spec, Recipe(), forecast, LEAST_BUDGET)
    request = Request(preset, made.spec, made.recipe, DATA, device)
    end = events(request, 3 * LEAST_BUDGET)[-1]
    if not isinstance(end, Ended):
        raise NotAsExpectedError(f"the job's last word is {end}")
    taken = end.total_seconds
    yield (
        preset,
        _turned(made),
        f"{made.recipe.epochs} × {made.images:,}",
        f"{made.unchanged:,.0f} s",
        f"{made.seconds:.1f} s",
        f"{taken:.1f} s" + ("" if end.ended_by == "epochs" else f" ({end.ended_by})"),
        f"{made.seconds / taken:.2f}",
        f"{100 * end.test_accuracy:.1f} %",
    )


def _turned(made: Plan) -> str:
    """What of the network the plan turns."""
    turned = [change for change in made.changes if change.what in made.spec.values]
    shown = (f"{change.what} {change.before} → {change.after}" for change in turned)
    return ", ".join(shown) or "as it is"
