"""Networks side by side: figures, layers in rows, and the part of each knob."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.ops import Shape
from cnnviz.comparison.knob_parts import KnobPart
from cnnviz.families import Spec

SAME, CHANGED, ONLY = "same", "changed", "only"
ROW_BYTES, CHANGE_BYTES = 100, 200  # of a layer in a row, and of a change, as measured
FIGURES = ("params", "macs", "saved_bytes", "receptive_field", "depth")


@dataclass(frozen=True)
class Network:
    """One of the networks; `spec` is None for a module or a report."""

    name: str
    report: Report
    spec: Spec | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """The FIGURES by name, as in the report; saved_bytes is for its whole batch."""
        return {name: getattr(self.report, name) for name in FIGURES}


@dataclass(frozen=True)
class Change:
    """One difference between the layers of a row.

    Args:
        what: kind, operation, an attribute such as kernel, input_shapes, output_shape (of one
            image), params, macs, window, or inputs (names of the layers read).
        values: one a network, in order; None where its layer lacks the attribute or the row has
            no layer of it.
    """

    what: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Row:
    """Aligned layers of several networks.

    Args:
        status: "same" if all networks have an equal layer, "changed" if all have one and some
            differ, "only" if some have none.
        stage: number of the stage, from 0.
        positions: of the layers in their reports, one a network; None where it has none.
        layers: the layers themselves.
        changes: their differences; in an "only" row, those among the layers present.
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
    """Rows of layers that work on maps of about one size.

    Args:
        sizes: (H, W) of the output maps, largest first, for each network; () where it has none.
    """

    number: int
    sizes: tuple[tuple[Shape, ...], ...]
    rows: tuple[Row, ...]

    def count(self, status: str) -> int:
        """Number of rows with a status."""
        return sum(row.status == status for row in self.rows)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two to six networks side by side.

    Args:
        stages: with all rows; each layer of each network appears once and in order.
        knobs: for two networks of one family, the part of each knob in the difference; else ().
    """

    networks: tuple[Network, ...]
    stages: tuple[ComparedStage, ...]
    knobs: tuple[KnobPart, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(each.name for each in self.networks)
        counts = ", ".join(f"{self.count(each)} {each}" for each in (SAME, CHANGED, ONLY))
        return f"<Comparison of {names}; rows: {counts}>"

    def __str__(self) -> str:
        from cnnviz.comparison.command import printed  # noqa: PLC0415

        return printed(self, layers=False)

    def __sizeof__(self) -> int:
        """Approximate bytes held, without the reports."""
        changes = sum(len(row.changes) for row in self.rows)
        return ROW_BYTES * len(self.rows) * len(self.networks) + CHANGE_BYTES * changes

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all stages."""
        return tuple(row for stage in self.stages for row in stage.rows)

    def count(self, status: str) -> int:
        """Number of rows with a status in all stages."""
        return sum(stage.count(status) for stage in self.stages)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "networks": [{"name": each.name, **each.figures} for each in self.networks],
            "rows": [row.to_dict() for row in self.rows],
            "knobs": [part.to_dict() for part in self.knobs],
        }
