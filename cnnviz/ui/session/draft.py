"""A family's setting in a slot: what its widgets show, and the last network that could be built."""

from dataclasses import dataclass, field

from cnnviz.families import Preset, Spec
from cnnviz.knobs import Problem


@dataclass
class Draft:
    """A family's setting.

    Args:
        preset: that it started from.
        spec: the last one that could be built.
        refused: what a knob's widget holds and could not be taken over, and why.
        broken: the refused knob whose network is shown, up to the layer that fails; "" for none.
    """

    preset: Preset
    spec: Spec
    refused: dict[str, tuple[object, Problem]] = field(default_factory=dict)
    broken: str = ""
