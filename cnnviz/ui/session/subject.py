"""The subject of a view: one network and the report of a pass through it."""

from dataclasses import dataclass

from cnnviz.analysis import BrokenNetwork, Report, analyze
from cnnviz.analysis.broken import BROKEN
from cnnviz.families import Preset, Spec
from cnnviz.kept import kept
from cnnviz.text import Text


@dataclass(frozen=True)
class Subject:
    """A network, its report, and where it comes from.

    Args:
        title: its name, such as "vgg-d · VGG-16".
        report: ends at the failing op if the network breaks.
        spec: None for a module of the user's own.
        preset: the preset from which the spec was turned; None without a spec.
    """

    title: str
    report: Report
    spec: Spec | None = None
    preset: Preset | None = None

    @staticmethod
    def of(preset: Preset, spec: Spec) -> "Member":
        """A network that runs; `prepare` its report before, so as not to wait for it here."""
        title = with_other_names(preset.name, preset.known_as)
        return Member(title, analyze(spec), spec, preset)

    @staticmethod
    def broken(preset: Preset, spec: Spec) -> "Member":
        """A network that breaks, from `Spec.too_small`."""
        title = with_other_names(preset.name, preset.known_as)
        return Member(title, failure(spec)[1], spec, preset)

    @property
    def breaks(self) -> bool:
        """Whether the pass ended in the report's last op."""
        return self.report.layers[-1].kind == BROKEN

    def is_preset(self, name: str) -> bool:
        """Whether it is the preset of that name, with no knob turned."""
        return self.preset is not None and (self.preset.name, self.preset.spec) == (name, self.spec)


@dataclass(frozen=True)
class Member(Subject):
    """A network of one of the families, which has a spec and a preset."""

    spec: Spec
    preset: Preset


@kept
def failure(spec: Spec) -> tuple[Text, Report]:
    """Why a network fails, and the report up to there.

    The error itself is not kept, since it would keep the module alive.

    Raises:
        ValueError: the network does not fail.
    """
    try:
        analyze(spec)
    except BrokenNetwork as error:
        return error.message, error.partial
    raise ValueError(f"{spec} does not fail")


def with_other_names(name: str, known_as: str) -> str:
    """The label of a network in a box, which finds it by either name: "vgg-d · VGG-16"."""
    return f"{name} · {known_as}" if known_as else name
