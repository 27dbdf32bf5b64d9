"""The changes between two networks in a few sentences."""

from cnnviz.comparison.knob_parts import KnobPart
from cnnviz.comparison.result import CHANGED, ONLY, SAME, Comparison
from cnnviz.families import Spec
from cnnviz.knobs import Value
from cnnviz.numbers import percent, short
from cnnviz.text import Text, joined

_FIGURES = Text(
    "Against {first}, {second} has {params} and {macs}.",
    "与 {first} 相比，{second} 的{params}，{macs}。",
)
_NAMES = {"params": Text("parameters", "参数量"), "macs": Text("MACs", "乘加次数")}
_EQUAL = Text("as many {what} ({after})", "{what}相同（{after}）")
_MORE = Text("{share} more {what} ({before} → {after})", "{what}多 {share}（{before} → {after}）")
_FEWER = Text("{share} fewer {what} ({before} → {after})", "{what}少 {share}（{before} → {after}）")
_TIMES = Text(
    "{times} times the {what} ({before} → {after})", "{what}为 {times} 倍（{before} → {after}）"
)
_NOT_ZERO = Text("{after} {what} where there were none", "{what}由 0 变为 {after}")
_TURNED = Text(" Turned: {knobs}.", "改动的超参数：{knobs}。")
_TURN = Text(
    "{knob} from {before} to {after} ({params} parameters, {macs} MACs)",
    "{knob}由 {before} 改为 {after}（参数量 {params}，乘加次数 {macs}）",
)
_ROWS = Text(
    " Layer by layer, {same} are the same and {changed} changed{alone}.",
    "逐层对照：{same} 层相同，{changed} 层有变化{alone}。",
)
_ALONE = Text(
    "; {first_only} are only in {first} and {second_only} only in {second}",
    "；{first_only} 层仅 {first} 有，{second_only} 层仅 {second} 有",
)
_ALL_SAME = Text(" Layer by layer they are the same.", "逐层对照完全相同。")


def what_changed(comparison: Comparison) -> Text:
    """Figures, knobs and layers that change from the first to the second network.

    Raises:
        ValueError: there are not two networks.
    """
    if len(comparison.networks) != 2:
        count = len(comparison.networks)
        raise ValueError(f"what_changed is about two networks, not {count}; compare two of them.")
    names = dict(zip(("first", "second"), (each.name for each in comparison.networks), strict=True))
    parts = [_FIGURES.format(**names, **{what: _figure(comparison, what) for what in _NAMES})]
    spec = comparison.networks[0].spec
    if comparison.knobs and spec:
        parts.append(_TURNED.format(knobs=joined(_turn(spec, part) for part in comparison.knobs)))
    parts.append(_rows(comparison, names))
    return Text(*("".join(part(language) for part in parts) for language in Text._fields))


def _rows(comparison: Comparison, names: dict[str, str]) -> Text:
    alone = [row for row in comparison.rows if row.status == ONLY]
    same, changed = comparison.count(SAME), comparison.count(CHANGED)
    if not alone and not changed:
        return _ALL_SAME
    first_only = sum(row.layers[1] is None for row in alone)
    counts = {"first_only": first_only, "second_only": len(alone) - first_only}
    said = _ALONE.format(**names, **counts) if alone else Text("", "")
    return _ROWS.format(same=same, changed=changed, alone=said)


def _figure(comparison: Comparison, what: str) -> Text:
    before, after = (each.figures[what] for each in comparison.networks)
    values = {"what": _NAMES[what], "before": short(before), "after": short(after)}
    if before == after:
        return _EQUAL.format(**values)
    if not before:
        return _NOT_ZERO.format(**values)
    if after >= 10 * before:
        return _TIMES.format(times=f"{after / before:,.1f}", **values)
    share = f"{percent(abs(after - before), before):.3g} %"
    return (_MORE if after > before else _FEWER).format(share=share, **values)


def _turn(spec: Spec, part: KnobPart) -> Text:
    knobs = [spec.knob(name) for name in part.knobs]

    def shown(values: tuple[Value, ...]) -> Text:
        return joined(knob.show(value) for knob, value in zip(knobs, values, strict=True))

    return _TURN.format(
        knob=joined(knob.label for knob in knobs),
        before=shown(part.before),
        after=shown(part.after),
        params=signed(part.params),
        macs=signed(part.macs),
    )


def signed(number: int) -> str:
    """A difference in three digits: +1.23 M, −45, 0."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{short(abs(number))}"
