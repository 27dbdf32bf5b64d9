"""Names of runs: number, network, and the differences that set them apart."""

import re
from collections.abc import Sequence
from contextlib import suppress

from cnnviz.data.dataset import find
from cnnviz.data.readers import DataError
from cnnviz.families import Spec
from cnnviz.knobs import Knob, format_value
from cnnviz.settings import Settings
from cnnviz.training.job import Job
from cnnviz.training.recipe import Recipe
from cnnviz.ui.kit.words import knob_mark, say, t
from cnnviz.zoo import PRESETS

_LONGEST = 120  # characters of a file's name; file systems take about 255


def title(job: Job) -> str:
    """A run's number and its name or, without one, its network and recipe where they are turned."""
    if not job.is_readable:
        return f"#{job.sequence} {job.name or t('runs.unreadable')}"
    turned = [network_name(job), *recipe_marks(job)]
    return f"#{job.sequence} {job.name or ' · '.join(turned)}"


def labels(jobs: list[Job]) -> list[str]:
    """The runs' numbers and names or networks, and what differs between these runs."""
    requests = [job.asked for job in jobs]
    recipe = _differing([request.recipe for request in requests])
    found = []
    for job, request in zip(jobs, requests, strict=True):
        peers = [other.spec for other in requests if other.preset == request.preset]
        network = {name for spec in peers for name in _turned(request.preset, spec)}
        if len(peers) == len(jobs):
            network &= _differing(peers)
        parts = [job.name or request.preset, *_marks(request.spec, network)]
        parts += _marks(request.recipe, recipe)
        if len({other.data for other in requests}) > 1:
            parts.append(data_title(job))
        if len({other.device for other in requests}) > 1:
            parts.append(request.device)
        found.append(f"#{job.sequence} {' · '.join(parts)}")
    return found


def network_name(job: Job) -> str:
    """The preset with the knobs that are turned."""
    request = job.asked
    return " · ".join([request.preset, *turned_marks(request.preset, request.spec)])


def turned_marks(preset: str, spec: Spec) -> list[str]:
    """Return the differences from the preset, such as "k = 12"."""
    return _marks(spec, _turned(preset, spec))


def recipe_marks(job: Job) -> list[str]:
    """Return the differences from the default recipe, such as "η = 0.1"."""
    recipe = job.asked.recipe
    return _marks(recipe, set(recipe.differences(Recipe())))


def data_title(job: Job) -> str:
    with suppress(DataError):  # its files may be gone
        return say(find(job.asked.data).title)
    return job.asked.data


def file_name(job: Job, ending: str) -> str:
    """The name of a file about a run, in plain ASCII: "cnnviz-17-densenet-121-k-12.csv"."""
    request = job.asked
    parts = ["cnnviz", str(job.sequence), request.preset]
    turned = (
        (request.spec, _turned(request.preset, request.spec)),
        (request.recipe, set(request.recipe.differences(Recipe()))),
    )
    for settings, names in turned:
        for knob in _in_order(settings, names):
            symbol = knob.symbol if re.fullmatch("[A-Za-z0-9]+", knob.symbol) else knob.name
            parts += [symbol, format_value(getattr(settings, knob.name))]
    plain = re.sub("[^A-Za-z0-9.]+", "-", "-".join(parts))
    return plain[:_LONGEST].strip("-.") + ending


def _turned(preset: str, spec: Spec) -> set[str]:
    """The knobs that differ from the preset, but for the classes, which the data decide."""
    turned = spec.differences(PRESETS[preset].spec) if preset in PRESETS else {}
    return set(turned) - {"num_classes"}


def _differing(settings: Sequence[Settings]) -> set[str]:
    """The knobs that are not the same in all of these settings, which are of one class."""
    return {name for other in settings for name in other.differences(settings[0])}


def _in_order(settings: Settings, names: set[str]) -> list[Knob]:
    return [knob for knob in settings.knobs() if knob.name in names]


def _marks(settings: Settings, names: set[str]) -> list[str]:
    return [knob_mark(knob, getattr(settings, knob.name)) for knob in _in_order(settings, names)]
