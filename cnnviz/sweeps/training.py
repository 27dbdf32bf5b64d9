"""Short trainings of the networks of a sweep, all with one recipe, so that they can be compared.

The costliest network decides what is turned so that it is trained in a short time: the image's
size, the number of images, other knobs. Its demo is planned, but for the knobs that are swept;
what it turns is turned in all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cnnviz.data.dataset import find
from cnnviz.experiments.experiment import DATA, Arm
from cnnviz.knobs import Problem, SpecError
from cnnviz.sweeps.sweep import Point, Sweep
from cnnviz.text import Text, joined
from cnnviz.training.admission import training_spec
from cnnviz.training.forecast import Forecast
from cnnviz.training.plan import LEAST_BUDGET, plan
from cnnviz.training.recipe import Recipe

MOST = 40  # networks
SECONDS = LEAST_BUDGET  # that the costliest one may take, if its demo can be made so short
_LATE = 10  # times as long it is given: one that is cut off could not be compared

_MANY = Text(
    "{count} networks would be trained; {most} is the most. Take larger steps.",
    "将训练 {count} 个网络；最多 {most} 个，请加大步长。",
)
_CLASSES = Text(
    "{knob} is set by the images that are trained on; sweep another knob.",
    "训练时{knob}由所用图像决定；请扫描其他超参数。",
)


@dataclass(frozen=True)
class Trainings:
    """What is to be trained.

    Args:
        arms: by position of the point in its sweep.
        refused: the points whose network cannot be made so small, and why.
        seconds: that the costliest is expected to take.
    """

    arms: Mapping[int, Arm]
    refused: Mapping[int, Text]
    seconds: float


def trainings(preset: str, sweep: Sweep, macs: Mapping[int, int], forecast: Forecast) -> Trainings:
    """Plan the trainings of the networks of a sweep.

    Args:
        macs: of each network that can be built, by position of its point.

    Raises:
        SpecError: there are too many, or the images say what a swept knob is.
    """
    problems = []
    if len(macs) > MOST:
        problems.append(Problem.of("over", _MANY, count=len(macs), most=MOST))
    if "num_classes" in sweep.names:
        problems.append(sweep.start.problem("num_classes", _CLASSES))
    if problems:
        raise SpecError(problems)
    if not macs:
        return Trainings({}, {}, 0.0)
    costliest = sweep.points[max(macs, key=macs.__getitem__)].spec
    assert costliest is not None, "it has a cost"
    start = training_spec(costliest, find(DATA))
    made = plan(start, Recipe(), forecast, SECONDS, keep=frozenset(sweep.names))
    turned = {
        change.what: change.after for change in made.changes if change.what in start.values
    } | {"num_classes": start.values["num_classes"]}
    most = Recipe.knob("time_limit").bounds[1]
    recipe = made.recipe.turn(time_limit=min(int(most), _LATE * max(SECONDS, round(made.seconds))))
    arms, refused = {}, {}
    for place in macs:
        point = sweep.points[place]
        try:
            assert point.spec is not None, "it has a cost"
            spec = point.spec.turn(**turned)
        except SpecError as error:
            refused[place] = joined([problem.message for problem in error.problems])
            continue
        title = title_of(sweep, point)
        arms[place] = Arm(f"{place}", title, preset, spec, recipe)
    return Trainings(arms, refused, made.seconds)


def told(arm: Arm, point: Point) -> Text:
    """What is turned in a network of a sweep to be trained, and for how long it is trained.

    "image size = 32, epochs = 4, images an epoch = 3000".
    """
    assert point.spec is not None, "it is trained"
    turned = arm.spec.differences(point.spec) | {
        name: arm.recipe.values[name] for name in ("epochs", "images")
    }
    turned.pop("num_classes", None)
    knobs = {knob.name: knob for knob in (*arm.spec.knobs(), *arm.recipe.knobs())}
    return joined([knobs[name].mark(value) for name, value in turned.items()])


def title_of(sweep: Sweep, point: Point) -> Text:
    """What sets a network of a sweep apart: "growth rate k = 12, compression θ = 0.5"."""
    marks = zip(sweep.axes, point.values, strict=True)
    return joined([axis.knob.mark(value) for axis, value in marks])
