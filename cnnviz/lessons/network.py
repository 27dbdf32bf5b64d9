"""A network as a lesson's file writes it: densenet-121:growth_rate=12,compression=1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.graph import ancestors
from cnnviz.families import Spec
from cnnviz.knobs import format_value
from cnnviz.text import Text
from cnnviz.zoo import FAMILIES, PRESETS, find


@dataclass(frozen=True)
class Network:
    """A preset with knobs turned."""

    preset: str
    spec: Spec

    @classmethod
    def read(cls, text: str) -> Self:
        """The network of NAME or NAME:KNOB=VALUE,KNOB=VALUE.

        Raises:
            SpecError: with every problem of it.
        """
        name, _, knobs = text.partition(":")
        known = find(name)
        preset = FAMILIES[known].presets[0].name if known in FAMILIES else known
        turned = [setting for setting in knobs.split(",") if setting]
        return cls(preset, PRESETS[preset].spec.turn_typed(turned))

    def turn(self, **knobs: object) -> Self:
        """This network with some knobs at other values."""
        return type(self)(self.preset, self.spec.turn(**knobs))

    @property
    def report(self) -> Report:
        """The trace of one forward pass; it takes under a tenth of a second and is kept."""
        return analyze(self.spec)

    @property
    def title(self) -> Text:
        """The preset, and what differs from it: "densenet-121 (growth rate k = 12)"."""
        turned = self.spec.differences(PRESETS[self.preset].spec)
        if not turned:
            return Text(self.preset, self.preset)
        marks = [self.spec.knob(name).mark(value) for name, value in turned.items()]
        en, zh = ", ".join(mark.en for mark in marks), "，".join(mark.zh for mark in marks)
        return Text(f"{self.preset} ({en})", f"{self.preset}（{zh}）")

    def address(self, at: str = "", **more: str) -> str:
        """The Architecture page with this network, relative to another page.

        Args:
            at: the op or block that is selected there; what is around it is unfolded.
            more: other parameters of the address.
        """
        return f"architecture?{urlencode({**self._query(at), **more}, safe=',:~')}"

    def _query(self, at: str) -> Mapping[str, str]:
        turned = self.spec.differences(PRESETS[self.preset].spec)
        query = {"preset": self.preset, **{name: format_value(turned[name]) for name in turned}}
        if at:
            around = ",".join(scope for scope in ancestors(at)[:-1] if scope)
            query |= {"open": around} if around else {}
            query["at"] = at
        return query
