"""What the command `sweep` measures of each network where asked: a pass, or a short training."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import torch
from tqdm import tqdm

from cnnviz.analysis.timing.setting import Setting
from cnnviz.analysis.timing.times import device_name
from cnnviz.config import config
from cnnviz.experiments.experiment import DATA
from cnnviz.experiments.outcome import Kept
from cnnviz.experiments.runner import train
from cnnviz.library.timing import checked_setting
from cnnviz.sweeps.sweep import Sweep
from cnnviz.sweeps.timing import forward_ms
from cnnviz.sweeps.training import told, trainings
from cnnviz.text import Text
from cnnviz.training.forecast import Forecast

FOLDER = "sweeps"  # in the data directory
Row = dict[str, Any]
Work = TypeVar("Work")


def device_of(typed: str | None) -> str:
    """The device that was typed; without one, a GPU if there is one.

    Raises:
        SpecError: there is no such device.
    """
    return checked_setting(typed, "1").device


def add_time(asked: Sweep, rows: list[Row], preset: str, device: str) -> None:
    """Add forward_ms, of one image, to each row of a network that can be built."""
    _tell(f"{preset}: a pass forward of one image on {device_name(device)}")
    setting = Setting(device)
    for place, row in _shown(_there(rows)):
        spec = asked.points[place].spec
        assert spec is not None, "it has figures"
        row["forward_ms"] = _told(asked, place, forward_ms(spec, setting))


def add_accuracy(asked: Sweep, rows: list[Row], preset: str, device: str) -> None:
    """Add test_accuracy after a short training to each row of a network that can be built.

    Raises:
        SpecError: see `trainings`.
    """
    macs = {place: row["macs"] for place, row in _there(rows).items()}
    made = trainings(preset, asked, macs, Forecast.now(DATA, device))
    for place, arm in list(made.arms.items())[:1]:
        how = told(arm, asked.points[place]).en
        _tell(f"{DATA}, seed 0, {how}; the costliest takes about {made.seconds:.0f} s")
    kept = Kept(config().data / FOLDER, torch.__version__)
    for place, arm in _shown(made.arms):
        (found,) = [one.outcome for one in train(arm, 0, kept, device) if one.outcome]
        rows[place]["test_accuracy"] = round(found.test_accuracy, 6)
    for place, why in made.refused.items():
        rows[place]["test_accuracy"] = _told(asked, place, why)


MEASURES = {"time": add_time, "accuracy": add_accuracy}


def _there(rows: list[Row]) -> dict[int, Row]:
    """The rows of networks that can be built."""
    return {place: row for place, row in enumerate(rows) if "refused" not in row}


def _told(asked: Sweep, place: int, found: float | Text) -> float | None:
    """A number; for a sentence None, once it is told."""
    if isinstance(found, Text):
        _tell(f"{asked.written(asked.points[place])}: {found.en}")
        return None
    return found


def _shown(todo: Mapping[int, Work]) -> Iterator[tuple[int, Work]]:
    """The same one after the other, with a bar where somebody looks."""
    yield from tqdm(todo.items(), unit="network", disable=None, file=sys.stderr)


def _tell(line: str) -> None:
    tqdm.write(line, file=sys.stderr)
