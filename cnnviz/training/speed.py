"""Speed of a device: measured in two seconds, kept, and refined by the times of real runs.

    python -m cnnviz.training.speed

measures all devices of this machine.

Small networks, each of nearly one kind of work, are trained for a moment. Non-negative least
squares gives the seconds of a unit of each kind. For example, a network of 1×1 convolutions decides
about `pointwise`.
"""

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import nnls
from torch import Tensor, nn

from cnnviz.analysis import analyze
from cnnviz.config import config
from cnnviz.gpus import gpus, product, wait
from cnnviz.training.replay import WARM_UP, Replayed
from cnnviz.training.work import Work, work

FILE = "speed.json"  # in the data directory
MOMENT = 0.12  # seconds that each of the small networks trains
QUARTILE = 0.25  # of the times of steps: what else runs makes some of them slow
TRUST = 0.35  # how far one run moves the forecast of its family
OTHERS = 0.1  # how far it moves the forecast of other families
MOST = 4.0  # ratio to the forecast, beyond which a run is not believed
WHOLE = 1.35  # ratio of a network's time to the sum of its parts, as its data miss the CPU's cache
LARGER = 16  # times the images of the small networks on a GPU, which a few do not fill
AT_ONCE = 8  # steps on a GPU until it is waited for
LOOKS, PAUSE = 4, 10.0  # how often a device is measured when a server starts; seconds between
BUSIEST = 2.0  # the most that a busy device stretches a forecast
FASTER = 1.15  # times as fast as before, from which on a device is measured again
BUSY = 1.1  # times as long, from which on a device counts as busy


@dataclass(frozen=True)
class Speed:
    """The speed of a device in training.

    Args:
        device: "cpu", "cuda:0", "mps", …
        name: of the hardware and the software, and the threads.
        seconds: of a unit of each kind of work.
        probe: seconds of one step of the network that tells how busy the device is.
        busy: factor by which everything takes longer just now.
        corrections: by family, and "" for families that have not run: seconds taken / predicted.
    """

    device: str
    name: str
    seconds: Work
    probe: float
    busy: float = 1.0
    corrections: dict[str, float] = field(default_factory=dict)

    def of(self, amount: Work, family: str = "") -> float:
        """Seconds of so much work."""
        plain = sum(unit * units for unit, units in zip(self.seconds, amount, strict=True))
        whole = WHOLE if self.device == "cpu" else 1.0
        corrections = self.corrections
        return whole * plain * self.busy * corrections.get(family, corrections.get("", 1.0))


def current_speed(device: str) -> Speed:
    """The speed of a device as busy as it is now, measured if it is not known.

    Takes two seconds the first time, and a moment after that.
    """
    kept = kept_speed(device)
    if kept and kept.name == _name(device):
        probe = _seconds_a_step(*_PROBE, device)
        if probe > kept.probe / FASTER:
            # A tenth of a second tells little of a minute. The root lies between a load that lasts
            # and one that is over at once: of twice the load, either is missed by 1.4 at most.
            busy = math.sqrt(probe / kept.probe)
            return replace(kept, busy=min(BUSIEST, busy) if busy > BUSY else 1.0)
    measured = replace(measure(device), corrections=kept.corrections if kept else {})
    _write({**_read(), device: {**asdict(measured), "seconds": measured.seconds._asdict()}})
    return measured


def kept_speed(device: str) -> Speed | None:
    """The kept speed of a device, of this machine or the dispatcher's; None if there is none."""
    try:
        known = _read()[device]
        return Speed(**{**known, "seconds": Work(**known["seconds"])})
    except (KeyError, TypeError):
        return None


def measure(device: str) -> Speed:
    """Measure a device now."""
    amounts, times = [], []
    small = list(_SMALL)
    if device != "cpu":
        small += [(build, (LARGER * images, *rest)) for build, (images, *rest) in _SMALL]
    for build, shape in small:
        amounts.append(_work_of(build(), shape))
        times.append(_seconds_a_step(build, shape, device))
    # relative errors are minimised, so that each time has equal weight
    scaled = np.array(amounts) / np.array(times)[:, None]
    seconds, _ = nnls(scaled, np.ones(len(times)))
    probe = _seconds_a_step(*_PROBE, device)
    return Speed(device, _name(device), Work(*seconds.tolist()), probe)


def learn(device: str, family: str, *, predicted: float, taken: float) -> None:
    """Correct later forecasts by a run that took `taken` seconds in place of `predicted`."""
    if kept_speed(device) is None:
        return
    known = _read()
    corrections = known[device]["corrections"]
    ratio, before = min(MOST, max(1 / MOST, taken / predicted)), corrections.get("", 1.0)
    corrections[""] = before * ratio**OTHERS
    corrections[family] = corrections.get(family, before) * ratio**TRUST
    _write(known)


def _name(device: str) -> str:
    if device == "cpu":
        return f"{os.cpu_count()} cores, {torch.get_num_threads()} threads, {torch.__version__}"
    return f"{product(device)}, {torch.__version__}"


def _path() -> Path:
    return config().data / FILE


def _read() -> dict[str, Any]:
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(speeds: dict[str, Any]) -> None:
    """Keep the speeds; where nothing can be written, they are measured anew each time."""
    draft = _path().with_name(f"{FILE}.{os.getpid()}")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(speeds), encoding="utf-8")
        draft.replace(_path())
    except OSError:
        return


def _seconds_a_step(build: Callable[[], nn.Module], shape: tuple[int, ...], device: str) -> float:
    """Seconds of a training step of a small network; disturbed steps are left out."""
    module = build().to(device)
    optimiser = torch.optim.SGD(module.parameters(), lr=1e-6, momentum=0.9)

    def plain(images: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        optimiser.zero_grad()
        output = module(images.detach().requires_grad_())
        loss = output.square().mean()
        loss.backward()
        return loss.detach(), output.detach()

    on_gpu = device != "cpu"
    images, labels = torch.randn(shape, device=device), torch.zeros(1, device=device)
    backward = Replayed(plain, wanted=device.startswith("cuda"))
    for _ in range(WARM_UP + 1 if on_gpu else 0):
        backward(images, labels)
    times: list[float] = []
    steps, moment = (AT_ONCE, MOMENT / 3) if on_gpu else (1, MOMENT)
    end = time.perf_counter() + moment
    while time.perf_counter() < end or len(times) < 2:
        start = time.perf_counter()
        for _ in range(steps):
            backward(images, labels)
            optimiser.step()
        wait(torch.device(device))
        times.append((time.perf_counter() - start) / steps)
    return sorted(times)[math.floor(QUARTILE * len(times))]


def _work_of(module: nn.Module, shape: tuple[int, ...]) -> Work:
    return work(analyze(module, input_shape=shape)).step(shape[0])


def _repeated(count: int, layer: Callable[[], nn.Module]) -> nn.Module:
    return nn.Sequential(*(layer() for _ in range(count)))


def _conv(channels: int, kernel: int = 3, groups: int = 1) -> Callable[[], nn.Module]:
    padding = kernel // 2
    return partial(nn.Conv2d, channels, channels, kernel, padding=padding, groups=groups)


def _norm(channels: int) -> Callable[[], nn.Module]:
    return lambda: nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())


# Each has nearly one kind of work, in the sizes of the zoo's networks at 32 px.
_SMALL: tuple[tuple[Callable[[], nn.Module], tuple[int, ...]], ...] = (
    (partial(_repeated, 16, _norm(16)), (8, 16, 4, 4)),
    (partial(_repeated, 12, _conv(32, 1)), (8, 32, 2, 2)),
    (partial(_repeated, 3, _norm(128)), (32, 128, 16, 16)),
    (partial(_repeated, 2, _conv(128)), (32, 128, 8, 8)),
    (partial(_repeated, 3, _conv(32)), (32, 32, 16, 16)),
    (partial(_repeated, 3, _conv(256, 1)), (32, 256, 8, 8)),
    (partial(_repeated, 3, _conv(256, groups=32)), (32, 256, 8, 8)),
    (partial(_repeated, 4, _conv(256, groups=256)), (32, 256, 8, 8)),
    (partial(_repeated, 2, _conv(256, groups=256)), (32, 256, 1, 1)),
    (partial(_repeated, 2, partial(nn.Linear, 1024, 1024)), (64, 1024)),
    (partial(_repeated, 2, _conv(512)), (16, 512, 2, 2)),
)
_PROBE = _SMALL[3]


def main() -> None:
    """Measure each device, and again where it turns out faster, as a starting server is busy."""
    for look in range(LOOKS):
        time.sleep(PAUSE if look else 0)
        for device in ("cpu", *gpus()):
            current_speed(device)


if __name__ == "__main__":
    main()
