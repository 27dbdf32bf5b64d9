"""Networks side by side: their figures, their layers in rows, and what each knob does."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.ops import Shape
from cnnviz.comparison.knob_parts import KnobPart
from cnnviz.families import Spec

SAME, CHANGED, ONLY = "same", "changed", "only"
ROW_BYTES = 400  # that a network's layer takes in a row, as measured, with its share of the changes
FIGURES = ("params", "macs", "saved_bytes", "receptive_field", "depth")


@dataclass(frozen=True)
class Network:
    """One of the networks; `spec` is None for a module or a report."""

    name: str
    report: Report
    spec: Spec | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """The FIGURES by name, as in the report: saved_bytes is of its whole batch."""
        return {name: getattr(self.report, name) for name in FIGURES}


@dataclass(frozen=True)
class Change:
    """One thing that the layers of a row differ in.

    Args:
        what: kind, operation, an attribute such as kernel, input_shapes, output_shape (of one
            image), params, macs, window, or inputs: the names of the layers that it reads.
        values: one a network, in order; None where its layer has no such attribute, or where it
            has no layer in this row.
    """

    what: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Row:
    """Layers of several networks that stand side by side.

    Args:
        status: "same" where all networks have the layer and it is equal in all, "changed" where all
            have it, "only" where some do not.
        stage: number of the stage, from 0.
        positions: of the layers in their reports, one a network; None where it has none.
        layers: the layers themselves.
        changes: what they differ in; of an "only" row, those that there are.
    """

    status: str
    stage: int
    positions: tuple[int | None, ...]
    layers: tuple[Layer | None, ...]
    changes: tuple[Change, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        columns = ("name", "kind", "output_shape", "params", "macs")
        entries = [
            None if layer is None else {name: getattr(layer, name) for name in columns}
            for layer in self.layers
        ]
        return {"status": self.status, "networks": entries}


@dataclass(frozen=True)
class ComparedStage:
    """Rows whose layers work on maps of about one size.

    Args:
        sizes: (H, W) of the maps that its ops make, largest first, for each network; () where it
            has no map here.
    """

    number: int
    sizes: tuple[tuple[Shape, ...], ...]
    rows: tuple[Row, ...]

    def count(self, status: str) -> int:
        """Rows of a status."""
        return sum(row.status == status for row in self.rows)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two to six networks side by side.

    Args:
        stages: of the rows; each layer of each network stands in one row, once and in order.
        knobs: for two networks of one family, what turning each knob adds; else ().
    """

    networks: tuple[Network, ...]
    stages: tuple[ComparedStage, ...]
    knobs: tuple[KnobPart, ...] = ()

    def __sizeof__(self) -> int:
        """Bytes that it holds beside the reports, roughly."""
        return ROW_BYTES * len(self.rows) * len(self.networks)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all stages."""
        return tuple(row for stage in self.stages for row in stage.rows)

    def count(self, status: str) -> int:
        """Rows of a status in the whole network."""
        return sum(stage.count(status) for stage in self.stages)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "networks": [{"name": each.name, **each.figures} for each in self.networks],
            "rows": [row.to_dict() for row in self.rows],
            "knobs": [part.to_dict() for part in self.knobs],
        }
