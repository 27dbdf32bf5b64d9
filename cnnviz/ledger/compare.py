"""Every printed number beside the network on screen; the verdicts are computed, never typed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast

from cnnviz.analysis import Layer, Report, analyze
from cnnviz.analysis.graph import ancestors
from cnnviz.analysis.ops import Shape
from cnnviz.families import Preset, Spec
from cnnviz.ledger.checks import COMPUTE, Check, checks
from cnnviz.ledger.printed import (
    PrintedLayers,
    PrintedNumber,
    PrintedShape,
    Verdict,
    parse_layers,
    parse_number,
    parse_shape,
)
from cnnviz.ledger.tables import COLUMNS, SIZES, Entry, Table, tables
from cnnviz.text import Text, joined

Built = Shape | int | Fraction | str
Printed = PrintedNumber | PrintedShape | PrintedLayers
_WHOLE = "*"
_SUMS = ("params", "macs", "connections")  # of layers, where depth is counted along a path
_NO_SUCH_PART = Text("The network on screen has no such part.", "当前网络没有这一部分。")
_TURNED = Text(
    "Differs because of the knobs turned: {knobs}.", "不一致的原因是调节了超参数：{knobs}。"
)
_TOTALS = Text("Totals that this preset is tested against", "该预设经测试核对的总数")
_TOTAL = Text("whole network", "整个网络")
_LAYERS = {"local_response_norm": "LRN", "max_pool2d": "maxpool"}  # as VGG's paper calls them


@dataclass(frozen=True)
class Cell:
    """One printed number and its like in the network on screen.

    Args:
        printed: as the source prints it, or what follows from what it says.
        shown: the built value in the printed one's unit; "" where there is none.
        full: the built value to the last digit.
        says: the source's sentence, where it prints no number.
    """

    printed: str
    shown: str
    full: str
    verdict: Verdict
    says: Text | None = None


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells by column, and why they differ, or what else is to be known."""

    key: str
    name: Text
    cells: dict[str, Cell]
    why: tuple[Text, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict of the row: the first that does not agree, else the loosest of its cells."""
        verdicts = [cell.verdict for cell in self.cells.values()]
        order = (Verdict.DIFFERENT, Verdict.ABSENT, Verdict.CUT, Verdict.ROUNDED, Verdict.EXACT)
        return min(verdicts, key=order.index)


@dataclass(frozen=True)
class Comparison:
    """A source's table beside the network on screen."""

    key: str
    source: Text
    rows: tuple[Row, ...]


@lru_cache(maxsize=128)
def compare(preset: Preset, spec: Spec) -> tuple[Comparison, ...]:
    """The tables of a preset, and its exact totals, beside the network `spec`."""
    found = [_compare_table(table, preset, spec) for table in tables_of(preset.name)]
    return (*found, _totals(preset, spec))


@lru_cache(maxsize=32)
def course_checks(family: str) -> tuple[Comparison, ...]:
    """What the course's texts say about a family, done again text by text; no knob changes it."""
    by_text: dict[Text, list[Row]] = {}
    for number, check in enumerate(checks(family)):
        by_text.setdefault(check.source, []).append(_check(number, check))
    return tuple(Comparison(text.en, text, tuple(rows)) for text, rows in by_text.items())


def tables_of(preset: str) -> list[Table]:
    return [table for table in tables() if preset in table.presets]


def _compare_table(table: Table, preset: Preset, spec: Spec) -> Comparison:
    knobs = spec.differences(preset.spec)
    reasons = [
        reason
        for reason in table.reasons
        if preset.name in reason.presets and reason.knob in ("", *knobs)
    ]
    rows = []
    for entry in table.entries:
        built, published = (measure(analyze(one), entry) for one in (spec, preset.spec))
        cells, start = (_cells(table, entry, preset.name, one) for one in (built, published))
        if not cells:
            continue
        off = {name for name, cell in cells.items() if not cell.verdict.agrees}
        always_off = {name for name in off if not start[name].verdict.agrees}
        counts = {name: f"{published[name]:,}" for name in _SUMS if name in published}
        why = [
            reason.text.format(**counts)
            for reason in reasons
            if entry.key in reason.rows
            and (off if reason.knob else always_off).intersection(reason.columns)
        ]
        if any(cells[name] != start[name] for name in off):
            why += [_turned(spec, preset)] if built else [_NO_SUCH_PART, _turned(spec, preset)]
        rows.append(Row(entry.key, entry.name, cells, tuple(why)))
    return Comparison(table.key, table.source, tuple(rows))


def measure(report: Report, entry: Entry) -> dict[str, Built]:
    """Sizes and counts of the part of the network that a row is about; {} if it is not there."""
    layers = [
        layer
        for layer in report.layers
        if _is_in(layer.scope, entry.at) and not _is_in(layer.scope, entry.but)
    ]
    if not layers:
        return {}
    on_path = {report.layers[position].name for position in report.longest_path}
    counts: dict[str, Built] = {
        name: sum(getattr(layer, name) or 0 for layer in layers) for name in _SUMS
    }
    counts["depth"] = sum(layer.name in on_path for layer in layers)
    counts["layers"] = " ".join(filter(None, map(_layer, layers)))
    if entry.at == (_WHOLE,):
        return {"input": report.input_shape, "output": report.output_shape, **counts}
    used = [layer for layer in layers if layer.kind != "unused"]
    if not used:
        return counts
    return {"input": used[0].input_shape, "output": used[-1].output_shape, **counts}


def _layer(layer: Layer) -> str:
    """A layer as VGG's table writes it: conv3-256, FC-4096, LRN, maxpool; "" for any other."""
    features = layer.output_shape[1] if len(layer.output_shape) > 1 else 0
    if layer.operation == "conv2d":
        return f"conv{max(dict(layer.attributes)['kernel'])}-{features}"
    return f"FC-{features}" if layer.operation == "linear" else _LAYERS.get(layer.operation, "")


def _is_in(scope: str, parts: Iterable[str]) -> bool:
    return _WHOLE in parts or any(around in parts for around in ancestors(scope))


def _cells(table: Table, entry: Entry, preset: str, built: dict[str, Built]) -> dict[str, Cell]:
    cells = {}
    for column in COLUMNS:
        text = entry.text(preset, column)
        if not text:
            continue
        cells[column] = _cell(_parse(text, column, table.kilo), built.get(column))
    return cells


def _parse(text: str, column: str, kilo: int) -> Printed:
    if column == "layers":
        return parse_layers(text)
    return parse_shape(text) if column in SIZES else parse_number(text, kilo=kilo)


def _cell(printed: Printed, built: Built | None) -> Cell:
    if built is None:
        return Cell(printed.text, "", "", Verdict.ABSENT)
    one = cast(Any, printed)  # built is what it takes: a number, or a shape
    shown = one.show(built)
    full = f"{built:,}" if isinstance(built, int) and one.unit != 1 else shown
    return Cell(one.text, shown, full, one.verdict(built))


def _turned(spec: Spec, preset: Preset) -> Text:
    """The sentence that names every knob turned, with its value."""
    turned = spec.differences(preset.spec)
    return _TURNED.format(knobs=joined(spec.knob(name).mark(turned[name]) for name in turned))


def _totals(preset: Preset, spec: Spec) -> Comparison:
    """The row that every preset has: its exact parameters and MACs."""
    report = analyze(spec)
    cells = {
        column: _cell(parse_number(f"{number:,}"), getattr(report, column))
        for column, number in (("params", preset.params), ("macs", preset.macs))
        if number is not None
    }
    row = Row("total", _TOTAL, cells)
    if not row.verdict.agrees:
        row = Row("total", _TOTAL, cells, (_turned(spec, preset),))
    return Comparison("totals", _TOTALS, (row,))


def _check(number: int, check: Check) -> Row:
    cell = _cell(parse_number(check.printed, kilo=check.kilo), COMPUTE[check.compute]())
    reason = None if cell.verdict.agrees else check.reason
    why = tuple(text for text in (reason, check.note) if text)
    return Row(f"{number}", check.name, {"result": replace(cell, says=check.says)}, why)
