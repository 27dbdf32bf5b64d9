"""Charts and numbers: the bars add up to the totals, the digits are three."""

import dataclasses

import pytest

import cnnviz
from cnnviz.analysis.counting.conventions import CONVENTIONS, total_operations
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.numbers import change, duration, share, short, three_digits
from cnnviz.render.charts import cost, cost_chart
from cnnviz.render.kinds import KINDS


@pytest.mark.parametrize("counting", CONVENTIONS)
@pytest.mark.parametrize("depth", [1, 99])
def test_bars_add_up_to_the_totals(depth, counting):
    report = cnnviz.analyze(cnnviz.spec("densenet-d2l"))
    graph = fold(report, open_to_depth(report, depth))
    figure = cost_chart(report, graph, "en", ink="#000000", measures=cost(counting))
    totals = {"x": 0, "x2": 0}
    bars = [trace for trace in figure.data if trace.type == "bar"]
    for bar in bars:
        totals[bar.xaxis] += sum(bar.x)
    assert totals == {"x": report.params, "x2": total_operations(report.layers, counting)}
    texts = [trace for trace in figure.data if trace.type == "scatter"]
    labels = [text.strip() for trace in texts for text in trace.text]
    for node in graph.nodes:
        if node.params:
            assert f"{short(node.params)} · {share(node.params, report.params)}" in labels
    looks = {bar.name: (bar.marker.color, bar.marker.pattern.shape) for bar in bars}
    for kind in ("convolution", "normalisation", "linear"):
        assert looks[kind] == (KINDS[kind].colour, KINDS[kind].hatch)


def test_a_network_without_cost_has_a_chart():
    report = cnnviz.analyze(cnnviz.spec("lenet"))
    empty = dataclasses.replace(report, layers=(), params=0, macs=0)
    assert cost_chart(empty, fold(empty), "zh", ink="#000000", measures=cost("macs")).data == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.45678, "0.457"), (5, "5.00"), (999.4, "999"), (999.6, "1,000"), (4863.2, "4,860")],
)
def test_three_digits_have_no_exponent(value, text):
    assert three_digits(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "", "0"),
        (61, "", "61"),
        (999, "", "999"),
        (1000, "", "1.00 k"),
        (60_850, "", "60.9 k"),
        (999_499, "", "999 k"),
        (999_500, "", "1.00 M"),
        (7_978_856, "", "7.98 M"),
        (2_834_161_664, "", "2.83 G"),
        (31_915_424, "B", "31.9 MB"),
        (12, "B", "12 B"),
    ],
)
def test_three_digits_and_a_unit(value, unit, text):
    assert short(value, unit) == text


def test_durations_shares_and_changes():
    assert [duration(s) for s in (0.0019, 0.158, 1.06)] == ["1.90 ms", "158 ms", "1.06 s"]
    assert [share(*x) for x in ((1, 3), (1, 10**6), (0, 5), (0, 0), (3, 3))] == [
        "33.3 %",
        "< 0.01 %",
        "0 %",
        "0 %",
        "100 %",
    ]
    assert change(150, 100).en == "+50.0 % vs preset"
    assert change(100, 100).zh == "与预设相同"
    assert change(5000, 100).en == "×50.0 vs preset"
    assert change(1, 0).en == "preset: 0"


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio of two hex colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_text_on_every_colour_meets_aa(kind):
    assert contrast(kind.colour, kind.ink) >= 4.5
