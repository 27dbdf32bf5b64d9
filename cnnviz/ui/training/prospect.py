"""What the next run will take: the plans of its demo and of the network as it is."""

from contextlib import suppress
from dataclasses import replace

from cnnviz.families import Spec
from cnnviz.training.admission import training_spec
from cnnviz.training.cluster import slots
from cnnviz.training.data import sources
from cnnviz.training.forecast import Forecast, Images
from cnnviz.training.job import ACTIVE
from cnnviz.training.plan import Plan, as_it_is, plan
from cnnviz.training.recipe import Recipe
from cnnviz.training.sources import DataError
from cnnviz.training.speed import kept_speed
from cnnviz.ui.device import chosen_device, for_training
from cnnviz.ui.training import runs, trained


def forecast(data: str) -> Forecast | None:
    """What training takes on the session's device, beside the runs that share it.

    None before the device has been measured, and where the images cannot be had.
    """
    speed = kept_speed(chosen_device(for_training()))
    with suppress(DataError):
        images = Images.of(trained.data(data))
        return Forecast(images, replace(speed, busy=sharing())) if speed else None
    return None


def demo(spec: Spec, recipe: Recipe, data: str, *, keep: frozenset[str]) -> Plan | None:
    """The plan of a network's demo, if there is a forecast.

    Raises:
        SpecError: the network does not take the data's classes.
    """
    known = forecast(data)
    spec = training_spec(spec, sources()[data])
    return plan(spec, recipe, known, keep=keep) if known else None


def unchanged(spec: Spec, recipe: Recipe, data: str) -> Plan | None:
    """The plan of the network as it is; see `demo`."""
    known = forecast(data)
    return as_it_is(training_spec(spec, sources()[data]), recipe, known) if known else None


def sharing() -> int:
    """How many runs share the device when one more begins."""
    most = slots()
    return min(most, 1 + len(runs.store().jobs(states=ACTIVE, most=most)))
