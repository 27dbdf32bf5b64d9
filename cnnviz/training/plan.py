"""The plan of a demo: the part of a network that can be trained in a minute, and the changes.

Pure functions of network, recipe, forecast and budget. The family's own recipe comes first; then
the plan changes, in this order and no further than needed, the image's size, the number of images,
and the knobs that the family declares to make a smaller relative.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from cnnviz.families import Spec
from cnnviz.knobs import SpecError, Value
from cnnviz.settings import Settings
from cnnviz.training.forecast import Forecast
from cnnviz.training.recipe import Recipe
from cnnviz.zoo import FAMILIES

BUDGET, LEAST_BUDGET, MOST_BUDGET = 60, 20, 1800  # seconds
SHARE = 0.75  # share of the budget that is planned for; the rest is a reserve
LIMIT = 1.2  # times the budget, after which a demo is ended
# Images to go through: below the first number a smaller relative is taken; the smallest relative
# may have fewer
FEWEST = (6000, 1500, 500)
LONG_EPOCH = 2000  # images
WHOLE = 32  # px, a multiple of which five halvings leave whole
SIZES = (0.75, 0.5, 0.375, 0.25, 0.18, 0.125)  # of a smaller relative, in shares


@dataclass(frozen=True)
class Change:
    """One knob that the plan turns.

    Args:
        what: the knob's name, of the network or of the recipe.
        before, after: its values.
    """

    what: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Plan:
    """A network and a recipe to train, and their predicted time.

    Args:
        spec, recipe: to be trained.
        changes: the differences from the request.
        seconds: predicted, from the job's start to its last evaluation.
        unchanged: seconds of the request as it is, without a time limit.
        budget: seconds to keep to; None where the network is trained as it is.
        images: of an epoch.
    """

    spec: Spec
    recipe: Recipe
    changes: tuple[Change, ...]
    seconds: float
    unchanged: float
    budget: float | None
    images: int


def as_it_is(spec: Spec, recipe: Recipe, forecast: Forecast) -> Plan:
    """The plan that changes nothing, however long it takes."""
    seconds = forecast.run(spec, recipe)
    return Plan(spec, recipe, (), seconds, seconds, None, forecast.images(recipe))


def plan(
    spec: Spec,
    recipe: Recipe,
    forecast: Forecast,
    budget: float = BUDGET,
    *,
    keep: frozenset[str] = frozenset(),
) -> Plan:
    """The demo of a network: the fewest changes with which it ends within the budget.

    For example, DenseNet-121 at 224 px is trained at 32 px with fewer images, in a minute instead
    of hours.

    Args:
        spec: as it would be trained, with an output for each class of the data.
        recipe: the user's; the family's own recipe sets the knobs that the user left alone.
        budget: seconds, LEAST_BUDGET to MOST_BUDGET.
        keep: knobs that stay as they are, however long it takes.
    """
    suited = _suited(spec, recipe, keep)
    trained, paced = _trained(spec, suited, _Terms(forecast, SHARE * budget, keep))
    # the last evaluation comes after the limit, and may take twice as long as predicted
    limit = max(1, round(LIMIT * budget - 2 * forecast.evaluation(trained)))
    if "time_limit" not in keep and paced.time_limit > limit:
        paced = paced.turn(time_limit=limit)
    return Plan(
        trained,
        paced,
        (*_differences(spec, trained), *_differences(recipe, paced)),
        min(forecast.run(trained, paced), paced.time_limit + forecast.evaluation(trained)),
        forecast.run(spec, recipe),
        budget,
        forecast.images(paced),
    )


@dataclass(frozen=True)
class _Terms:
    """The terms of a plan: seconds to keep to, and knobs that stay."""

    forecast: Forecast
    seconds: float
    keep: frozenset[str]


def _trained(spec: Spec, recipe: Recipe, terms: _Terms) -> tuple[Spec, Recipe]:
    """The first relative, and the recipe for it, that learns from enough images in time."""
    relatives = list(_relatives(spec, terms.forecast.data.size, terms.keep))
    smallest = relatives[-1]
    for trained, fewest in (
        *((one, FEWEST[0]) for one in relatives),
        *((smallest, fewest) for fewest in FEWEST[1:]),
    ):
        paced = _paced(trained, recipe, terms, fewest)
        if paced is not None:
            return trained, paced
    # nothing fits: the fewest images, once
    values = {"epochs": 1, "images": min(FEWEST[-1], terms.forecast.images(recipe))}
    least = {name: value for name, value in values.items() if name not in terms.keep}
    return smallest, recipe.turn(**least)


def _suited(spec: Spec, recipe: Recipe, keep: frozenset[str]) -> Recipe:
    """The family's recipe, but for what the user has turned."""
    untouched = FAMILIES[spec.family].demo(spec).recipe.items()
    kept = keep | recipe.differences(Recipe()).keys()
    return recipe.turn(**{name: value for name, value in untouched if name not in kept})


def _relatives(spec: Spec, size: int, keep: frozenset[str]) -> Iterator[Spec]:
    """The network, the same with a smaller image, and then smaller and smaller relatives."""
    yield spec
    if "image_size" not in keep:
        spec = _with_smallest_image(spec, size)
        yield spec
    names = [knob.name for knob in spec.knobs() if knob.smaller and knob.name not in keep]
    for share in SIZES if names else ():
        smaller = spec
        for name in names:
            with suppress(SpecError):  # a knob that the others do not allow to be turned stays
                smaller = smaller.turn(**{name: _scaled(spec, name, share)})
        yield smaller


def _with_smallest_image(spec: Spec, size: int) -> Spec:
    """The data's own size, rounded up to what five halvings leave whole, or else the smallest."""
    side = min(-(-size // WHOLE) * WHOLE, spec.image_size)
    refused = spec.too_small(image_size=side)
    return spec.turn(image_size=refused[1] if refused else side)


def _scaled(spec: Spec, name: str, share: float) -> Value:
    """A knob at a share of its value: channels in eights, within its bounds."""
    knob, value = spec.knob(name), getattr(spec, name)
    low = knob.bounds[0]
    if isinstance(value, float):
        return max(low, round(round(value * share / knob.step) * knob.step, 6))

    def scaled(number: int) -> int:
        step = 8 if number >= 16 and knob.term != "depths" else 1
        return max(int(low), min(number, max(step, round(number * share / step) * step)))

    return tuple(map(scaled, value)) if isinstance(value, tuple) else scaled(value)


def _paced(spec: Spec, recipe: Recipe, terms: _Terms, fewest: int) -> Recipe | None:
    """The recipe with as many images as the time is enough for; None where that is too few."""
    forecast, keep = terms.forecast, terms.keep
    if forecast.run(spec, recipe) <= terms.seconds:
        return recipe
    free = terms.seconds - forecast.start(spec)
    epochs_allowed = (recipe.epochs,) if "epochs" in keep else range(recipe.epochs, 0, -1)
    for epochs in epochs_allowed:
        training = free / epochs - forecast.evaluation(spec)
        most = int(training / forecast.an_image(spec, recipe.batch_size))
        if most >= forecast.images(recipe):
            return recipe.turn(epochs=epochs)
        fewer = most // recipe.batch_size * recipe.batch_size
        # epochs have to be of some length, so that evaluations stay a small part
        long_enough = fewer >= LONG_EPOCH or epochs <= 2
        if "images" not in keep and long_enough and epochs * fewer >= fewest:
            return recipe.turn(epochs=epochs, images=fewer)
    return None


def _differences(before: Settings, after: Settings) -> tuple[Change, ...]:
    values = before.values
    return tuple(
        Change(name, values[name], value) for name, value in after.differences(before).items()
    )
