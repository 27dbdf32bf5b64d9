"""Tables of several networks: figures, layers in rows, and the part of each knob."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from cnnviz.analysis.counting.conventions import total_operations
from cnnviz.analysis.memory.step import BATCH_SIZE, training_memory
from cnnviz.comparison import Comparison, Network, Row
from cnnviz.comparison.result import CHANGED, ONLY, SAME, ComparedStage
from cnnviz.families import Spec
from cnnviz.numbers import duration, pixels, short, three_digits
from cnnviz.render.kinds import COUNTED, shape_text
from cnnviz.text import Text

_ROOMY = 3  # networks, whose columns have room for differences
SIGNS = {SAME: "=", CHANGED: "≠", ONLY: "+"}
_FIGURES: tuple[tuple[str, Text, str], ...] = (
    ("params", Text("Parameters", "参数量"), ""),
    ("operations", Text("", ""), ""),
    ("weight_bytes", Text("Weights", "权重大小"), "B"),
    ("memory", Text("Training memory, batch {batch}", "训练内存（批量 {batch}）"), "B"),
    ("receptive_field", Text("Receptive field", "感受野"), "px"),
    ("depth", Text("Depth", "深度"), ""),
    ("smallest_image", Text("Smallest image", "最小图像"), "px"),
)

SECONDS = Text("Measured forward pass, s", "实测前向时间（s）")


def figures(
    comparison: Comparison, counting: str, language: str, seconds: Sequence[float | None]
) -> pd.DataFrame:
    """One row for each figure, one column for each network: plain numbers for a file.

    Args:
        seconds: measured times, one a network; None if unknown.
    """
    rows = {
        _label(name, label, counting, language): [
            _value(network, name, counting) for network in comparison.networks
        ]
        for name, label, _ in _FIGURES
    }
    rows[SECONDS(language)] = list(seconds)
    names = [network.name for network in comparison.networks]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names, dtype=object)


def figures_shown(comparison: Comparison, counting: str, language: str) -> list[list[str]]:
    """The same for the eye: three digits, and the ratio to the first network.

    Up to three networks leave room for the differences, too.
    """
    rows = []
    room = len(comparison.networks) <= _ROOMY
    for name, label, unit in _FIGURES:
        values = [_value(network, name, counting) for network in comparison.networks]
        cells = [_shown(value, unit) for value in values]
        cells[1:] = [
            f"{cell} {_against(value, values[0], unit if room else None)}".strip()
            for cell, value in zip(cells[1:], values[1:], strict=True)
        ]
        rows.append([_label(name, label, counting, language), *cells])
    return rows


def times_shown(seconds: Sequence[float | None], otherwise: Sequence[str]) -> list[str]:
    """Measured times for the eye with their ratio to the first; `otherwise` fills the gaps."""
    cells = [
        why if value is None else duration(value)
        for value, why in zip(seconds, otherwise, strict=True)
    ]
    cells[1:] = [
        f"{cell} {_ratio(value, seconds[0])}".strip()
        for cell, value in zip(cells[1:], seconds[1:], strict=True)
    ]
    return cells


def _label(name: str, label: Text, counting: str, language: str) -> str:
    if name == "operations":
        return COUNTED[counting](language)
    return label.format(batch=BATCH_SIZE)(language)


def _value(network: Network, name: str, counting: str) -> Any:
    report = network.report
    if name == "operations":
        return total_operations(report.layers, counting)
    if name == "memory":
        return training_memory(report, BATCH_SIZE).total
    if name == "smallest_image":
        return smallest_image(network.spec) if network.spec else None
    return getattr(report, name)


def smallest_image(spec: Spec) -> int | None:
    """Side of the smallest image that the network accepts, in pixels."""
    least = int(spec.knob("image_size").bounds[0])
    refused = spec.too_small(image_size=least)
    return refused[1] if refused else least


def _shown(value: Any, unit: str) -> str:
    if value is None:
        return "–"
    return pixels(value) if unit == "px" else short(value, unit)


def _against(value: Any, first: Any, unit: str | None) -> str:
    """ "(−3.71 M, ×0.683)" against the first network; without a unit, the ratio alone."""
    ratio = _ratio(value, first)
    if unit is None or not ratio.startswith("×"):
        return ratio
    sign = "+" if value > first else "−"
    return f"({sign}{_shown(abs(value - first), unit)}, {ratio})"


def _ratio(value: Any, first: Any) -> str:
    """ "×0.46" of two numbers, "=" of equal ones, "" where there is nothing to divide."""
    if value == first and value is not None:
        return "="
    if not isinstance(value, int | float) or not isinstance(first, int | float) or not first:
        return ""
    return f"×{three_digits(value / first)}"


def layer_rows(
    stages: Sequence[ComparedStage], names: Sequence[str], label: Callable[[str], str]
) -> pd.DataFrame:
    """One row for each aligned row: sign, each network's layer, and the differences.

    Args:
        label: translates the name of a difference, such as "kernel".
    """
    rows = [row for stage in stages for row in stage.rows]
    columns: dict[str, list[str]] = {"": [SIGNS[row.status] for row in rows]}
    for place, name in enumerate(names):
        columns[name] = [_layer(row, place) for row in rows]
    columns["≠"] = [_changes(row, label) for row in rows]
    return pd.DataFrame(columns)


def _layer(row: Row, place: int) -> str:
    layer = row.layers[place]
    if layer is None:
        return ""
    return f"{layer.name} · {shape_text(layer.output_shape)}"


def _changes(row: Row, label: Callable[[str], str]) -> str:
    """The differences of a row: "kernel 7×7 → 3×3"."""
    if row.status != CHANGED:
        return ""
    return ", ".join(
        f"{label(change.what)} {' → '.join(_plain(value) for value in change.values)}"
        for change in row.changes
    )


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        is_pair = all(isinstance(part, int) for part in value)
        return "×".join(map(str, value)) if is_pair else ", ".join(map(_plain, value))
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def stage_title(stage: ComparedStage, say: Callable[[Text], str]) -> str:
    """The size of the maps in each network, and the number of rows with each status."""
    sizes = ["×".join(map(str, found[0])) if found else "–" for found in stage.sizes]
    size = sizes[0] if len(set(sizes)) == 1 else " | ".join(sizes)
    counts = " · ".join(
        say(label.format(count=stage.count(status)))
        for status, label in _COUNTS.items()
        if stage.count(status)
    )
    return f"{size} · {counts}"


_COUNTS = {
    SAME: Text("{count} same", "{count} 相同"),
    CHANGED: Text("{count} changed", "{count} 改变"),
    ONLY: Text("{count} not in all", "{count} 非共有"),
}


def knob_rows(comparison: Comparison, spec: Spec, language: str) -> list[list[str]]:
    """The part of each knob in the order of turning, and the sum."""
    rows = []
    for part in comparison.knobs:
        knobs = [spec.knob(name) for name in part.knobs]
        turns = [
            f"{knob.label(language)} {knob.show(a)(language)} → {knob.show(b)(language)}"
            for knob, a, b in zip(knobs, part.before, part.after, strict=True)
        ]
        rows.append([", ".join(turns), _signed(part.params), _signed(part.macs)])
    sums = [sum(part.params for part in comparison.knobs)]
    sums.append(sum(part.macs for part in comparison.knobs))
    whole = Text("All together", "合计")(language)
    return [*rows, [f"**{whole}**", *(f"**{_signed(value)}**" for value in sums)]]


def _signed(value: int) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{short(abs(value))}" if value else "0"
