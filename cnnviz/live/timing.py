"""Tasks of the live worker that take times, each short, so that others come in between."""

from dataclasses import dataclass

from cnnviz.analysis import analyze
from cnnviz.analysis.timing.measure import Pass, time_backward, time_forward, time_whole
from cnnviz.analysis.timing.peak import Peak, measured_peak
from cnnviz.analysis.timing.setting import Setting, admit_stopwatch, admit_timing
from cnnviz.analysis.timing.stopwatch import Span
from cnnviz.analysis.timing.times import device_name
from cnnviz.families import Spec
from cnnviz.live.tasks import Models, Task, forward_cost

SECONDS = 1.0  # for which a task repeats its passes
LEAST = 2  # repeats
PASSES = 5  # in all, of which a CPU must be through within the worker's deadline


@dataclass(frozen=True)
class TimingTask(Task):
    """A network, timed in one setting."""

    spec: Spec
    batch: int
    precision: str
    channels_last: bool

    @property
    def setting(self) -> Setting:
        return Setting(self.device, self.batch, self.precision, self.channels_last)

    @property
    def cost(self) -> int:
        return PASSES * self.batch * forward_cost(self.spec)

    def admit(self, *, backward: bool = False) -> None:
        """Raises: LiveError: it takes too much memory or time."""
        admit_timing(analyze(self.spec), self.setting, backward=backward, passes=PASSES)


@dataclass(frozen=True)
class TimeForward(TimingTask):
    """See `cnnviz.analysis.timing.measure.time_forward`."""

    def run(self, models: Models) -> Pass:
        self.admit()
        return time_forward(self.spec, self.setting, seconds=SECONDS, least=LEAST)


@dataclass(frozen=True)
class TimeBackward(TimingTask):
    """See `cnnviz.analysis.timing.measure.time_backward`."""

    def run(self, models: Models) -> Pass:
        self.admit(backward=True)
        return time_backward(self.spec, self.setting, seconds=SECONDS, least=LEAST)


@dataclass(frozen=True)
class TimeWhole(TimingTask):
    """See `cnnviz.analysis.timing.measure.time_whole`."""

    def run(self, models: Models) -> Span:
        self.admit()
        return time_whole(self.spec, self.setting, seconds=SECONDS / 2)


@dataclass(frozen=True)
class MeasurePeak(Task):
    """The most that the device does, and the name of its product."""

    precision: str

    def run(self, models: Models) -> tuple[str, Peak]:
        admit_stopwatch(self.device)
        return device_name(self.device), measured_peak(self.device, self.precision)
