"""A family's setting in a slot: the values of its widgets, and the last valid network."""

from dataclasses import dataclass, field

from cnnviz.families import Preset, Spec
from cnnviz.ui.kit.refused import Refused


@dataclass
class Draft:
    """A family's setting.

    Args:
        preset: preset from which the knobs were turned.
        spec: last valid spec.
        refused: by knob, the value in its widget that was refused, and why.
        broken: refused knob whose network is shown up to the failing layer; "" for none.
    """

    preset: Preset
    spec: Spec
    refused: Refused = field(default_factory=dict)
    broken: str = ""
