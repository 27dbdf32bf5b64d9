"""The subject of a view: one network with what a pass through it has shown."""

from dataclasses import dataclass
from typing import Self

from cnnviz.analysis import BrokenNetwork, Report, analyze
from cnnviz.analysis.broken import BROKEN
from cnnviz.families import Preset, Spec
from cnnviz.kept import kept
from cnnviz.text import Text


@dataclass(frozen=True)
class Subject:
    """A network, its report, and where it comes from.

    Args:
        title: what it is called, such as "vgg-d · VGG-16".
        report: up to the op that fails, if the network breaks.
        spec: None for somebody's own module.
        preset: that the spec was started from.
    """

    title: str
    report: Report
    spec: Spec | None = None
    preset: Preset | None = None

    @classmethod
    def of(cls, preset: Preset, spec: Spec) -> Self:
        """A network that runs; whoever does not want to wait for the report prepares it before."""
        return cls(with_other_names(preset.name, preset.known_as), analyze(spec), spec, preset)

    @classmethod
    def broken(cls, preset: Preset, spec: Spec) -> Self:
        """A network that breaks, as `Spec.too_small` makes them."""
        title = with_other_names(preset.name, preset.known_as)
        return cls(title, failure(spec)[1], spec, preset)

    @property
    def breaks(self) -> bool:
        """Whether the pass ended in the report's last op."""
        return self.report.layers[-1].kind == BROKEN

    def is_preset(self, name: str) -> bool:
        """Whether it is the preset of that name, no knob turned."""
        return self.preset is not None and (self.preset.name, self.preset.spec) == (name, self.spec)


@kept
def failure(spec: Spec) -> tuple[Text, Report]:
    """Why it fails and the report up to there; the error itself would keep the module alive."""
    try:
        analyze(spec)
    except BrokenNetwork as error:
        return error.message, error.partial
    raise ValueError(f"{spec} does not fail")


def with_other_names(name: str, known_as: str) -> str:
    """What a box shows, and is searched for: "vgg-d · VGG-16"."""
    return f"{name} · {known_as}" if known_as else name
