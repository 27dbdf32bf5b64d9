"""A report as pandas frames; pandas is imported with this file, and with nothing before it."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from cnnviz.analysis.graph import INPUT_ID
from cnnviz.analysis.mistakes import checked_count
from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.tables.rows import MEASURES, SUMS, check_measure, leaves, rank, summed
from cnnviz.numbers import percent


def frame(report: Report) -> pd.DataFrame:
    """One row an op; see `Report.to_pandas`."""
    settings = dict.fromkeys(name for layer in report.layers for name, _ in layer.attributes)
    rows = [_row(report, layer, settings) for layer in report.layers]
    return _typed(rows)


def _row(report: Report, layer: Layer, settings: Iterable[str]) -> dict[str, Any]:
    columns = ("name", "scope", "kind", "operation", "input_shape", "output_shape")
    known = dict(layer.attributes)
    return {
        **{name: getattr(layer, name) for name in columns},
        **{name: getattr(layer, name) for name in (*MEASURES, "jump", "offset")},
        "inputs": tuple(
            INPUT_ID if source < 0 else report.layers[source].name for source in layer.inputs
        ),
        **{name: known.get(name) for name in settings},
    }


def by_block(report: Report, depth: int, sort: str | None = None) -> pd.DataFrame:
    """One row a block; see `Report.by_block`.

    Args:
        sort: a measure, one of MEASURES, of which the largest come first.
    """
    shown = leaves(report, checked_count("depth", depth), sort)
    rows = [
        {
            **{name: getattr(line, name) for name in ("type", "ops", "output_shape")},
            **_shared(report, line._asdict()),
            "receptive_field": line.receptive_field,
        }
        for line in shown
    ]
    index = pd.Index([line.name for line in shown], name="name")
    return _typed(rows, index)


def by_kind(report: Report) -> pd.DataFrame:
    """One row a kind of op; see `Report.by_kind`."""
    kinds: dict[str, list[Layer]] = {}
    for layer in report.layers:
        kinds.setdefault(layer.kind, []).append(layer)
    rows = {}
    for kind, layers in kinds.items():
        sums = {name: summed(getattr(layer, name) for layer in layers) for name in SUMS}
        rows[kind] = {"ops": len(layers), **_shared(report, sums)}
    order = sorted(rows, key=lambda kind: rank(rows[kind]["macs"]), reverse=True)
    index = pd.Index(order, name="kind")
    return _typed([rows[kind] for kind in order], index)


def _shared(report: Report, values: Mapping[str, Any]) -> dict[str, Any]:
    """The counts among some values, each with its share of the whole in percent."""
    found: dict[str, Any] = {}
    for name in SUMS:
        value, whole = values[name], getattr(report, name)
        found |= {name: value, f"{name}_share": None if value is None else percent(value, whole)}
    return found


def top(report: Report, count: int, measure: str) -> pd.DataFrame:
    """The ops that have most; see `Report.top`."""
    check_measure(measure)
    checked_count("n", count)
    ops = frame(report)
    ranks = [rank(getattr(layer, measure)) for layer in report.layers]
    order = sorted(range(len(ranks)), key=lambda position: -ranks[position])
    return ops.iloc[order[:count]]


def _typed(rows: list[dict[str, Any]], index: pd.Index | None = None) -> pd.DataFrame:
    """A frame in which whole numbers stay whole, even where some are missing."""
    return pd.DataFrame(rows, index=index, dtype=object).convert_dtypes()
