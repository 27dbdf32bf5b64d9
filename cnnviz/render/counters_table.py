"""HTML table of the operations that each counting tool reports, split by cause."""

from collections.abc import Iterable, Mapping
from html import escape

from cnnviz.analysis.counting.conventions import Rule
from cnnviz.analysis.counting.other_tools import CAUSES, OURS, Reading
from cnnviz.analysis.ops.table import WORDS
from cnnviz.numbers import short
from cnnviz.render.kinds import COUNTED, KINDS
from cnnviz.text import Text

_COUNTER = Text("Counter", "工具")
_NUMBER = Text("Result", "结果")
_OTHER = Text("other ops", "其他算子")
_UNEXPLAINED = Text("not explained", "未能解释")
_CAUSES = {
    "bias": Text("bias", "偏置"),
    **{name: KINDS[name].label for name in ("normalisation", "activation", "pooling")},
    "other": _OTHER,
}
_RUN = Text("{version}, run here", "{version}，实际运行")
_BY_RULES = Text("by the rules of {version}", "按 {version} 的规则")
# The words for what a rule counts besides multiply-accumulates; a bias costs one per output value.
_MEASURES = {
    "biases": Text("outputs", "输出值"),
    "outputs": Text("outputs", "输出值"),
    "inputs": Text("inputs", "输入值"),
    "window": Text("window values", "窗口内的值"),
    "pixels": Text("pixels", "像素"),
    "params": Text("parameters", "参数"),
}


def counters_table(
    readings: Iterable[Reading], versions: Mapping[str, str], language: str, *, marked: str
) -> str:
    """One row for each counter: its result = MACs or 2 × MACs + everything else that it counts.

    Args:
        versions: versions of the tools that were run, by name.
        marked: name of our own convention in use on the page.
    """
    readings = list(readings)
    causes = [name for name in CAUSES if any(reading.causes[name] for reading in readings)]
    heads = [_COUNTER, _NUMBER, COUNTED["macs"], *(_CAUSES[name] for name in causes), _UNEXPLAINED]
    head = "".join(f'<th scope="col">{text(language)}</th>' for text in heads)
    rows = "".join(
        _row(reading, causes, versions, language, marked=reading.counter.name == marked)
        for reading in readings
    )
    return f'<table class="ledger counters"><thead><tr>{head}</tr></thead>{rows}</table>'


def _row(
    reading: Reading,
    causes: list[str],
    versions: Mapping[str, str],
    language: str,
    *,
    marked: bool,
) -> str:
    counter = reading.counter
    is_ours = counter in OURS
    if is_ours:
        name, origin = COUNTED[counter.name](language), "cnnviz"
    elif reading.is_run:
        name, origin = counter.name, _RUN.format(version=versions[counter.name])(language)
    else:
        name, origin = counter.name, _BY_RULES.format(version=counter.version)(language)
    unit = COUNTED["macs" if counter.per_mac == 1 else "flops"](language)
    times = "×1" if counter.per_mac == 1 else "×2"
    cells = [
        f'<th scope="row">{escape(name)}<br><small>{escape(origin)}</small></th>',
        _cell(f"<b>{short(reading.number)}</b> {unit}", f"{reading.number:,}"),
        _cell(short(reading.macs), times, title=reading.macs),
    ]
    for cause in causes:
        count = reading.causes[cause]
        shown = f"{'−' if count < 0 else '+'}{short(abs(count))}" if count else "–"
        cells.append(_cell(shown, _rules(reading.rules[cause], language), title=count))
    cells.append(_unexplained(reading))
    return f'<tr class="{"marked" if marked else ""}">{"".join(cells)}</tr>'


def _cell(shown: str, small: str, *, title: int | None = None) -> str:
    hover = "" if title is None else f' title="{title:,}"'
    return f"<td{hover}>{shown}<br><small>{small}</small></td>"


def _unexplained(reading: Reading) -> str:
    """The difference to the tool's rules; empty for a tool that was not run."""
    if not reading.is_run:
        return "<td></td>"
    if not reading.unexplained:
        return "<td>✓ 0</td>"
    return f'<td class="differs">{reading.unexplained:+,}</td>'


def _rules(rules: Mapping[str, Rule], language: str) -> str:
    """The rules, such as "2×outputs"; if ops have different rules, each with its ops."""
    distinct = set(rules.values())
    if len(distinct) == 1:
        return _rule(distinct.pop(), language)
    comma = Text(", ", "、")(language)
    words = {name: WORDS[name](language) if name in WORDS else name for name in rules}
    lines = []
    for rule in filter(any, dict.fromkeys(rules.values())):
        ops = comma.join(words[name] for name in rules if rules[name] == rule)
        lines.append(f"{_rule(rule, language)}: {ops}")
    return "<br>".join(lines)


def _rule(rule: Rule, language: str) -> str:
    parts = [
        f"{times}×{_MEASURES[name](language)}" if times > 1 else _MEASURES[name](language)
        for name, times in rule._asdict().items()
        if times
    ]
    return " + ".join(parts)
