"""Forecast for the next run: its data, and the device as it is shared."""

from contextlib import suppress
from dataclasses import replace

from cnnviz.data.readers import DataError
from cnnviz.training.cluster import sharing, slots
from cnnviz.training.forecast import DataSize, Forecast
from cnnviz.training.speed import kept_speed
from cnnviz.training.state import ACTIVE
from cnnviz.ui.session.device import chosen_device, for_training
from cnnviz.ui.training import runs, trained


def forecast(data: str, device: str = "") -> Forecast | None:
    """Forecast training on a device, at first the session's, beside the runs that share it.

    None before the device has been measured, and where the images cannot be had.
    """
    speed = kept_speed(device or chosen_device(for_training()))
    with suppress(DataError):
        size = DataSize.of(trained.data(data))
        active = len(runs.store().jobs(states=ACTIVE, most=slots()))
        return Forecast(size, replace(speed, busy=sharing(1 + active))) if speed else None
    return None
