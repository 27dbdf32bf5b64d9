"""The way to count operations on the whole page, formulas in the details, and the counters' tab."""

import re
from html import unescape

import pytest
from architecture_page_driver import address, figures, network, open_page, open_tab, see
from page_driver import plain, run, text_of

import cnnviz
from cnnviz.analysis.counting import other_tools as counters
from cnnviz.analysis.counting.conventions import CONVENTIONS, total_operations
from cnnviz.analysis.counting.other_tools import read_counters
from cnnviz.numbers import short
from cnnviz.render.kinds import COUNTED


def count_as(app, counting):
    (box,) = [box for box in app.selectbox if box.key.startswith("counting.")]
    box.set_value(counting)
    return run(app)


def choice(app):
    (box,) = [box for box in app.selectbox if box.key.startswith("counting.")]
    return box


def tables(app):
    found = [element.proto.body for element in app.get("html")]
    return [body for body in found if 'class="ledger counters"' in body]


@pytest.mark.parametrize("counting", CONVENTIONS)
def test_one_switch_for_the_whole_page(counting):
    app = count_as(open_page(preset="lenet-d2l"), counting)
    report = cnnviz.analyze(cnnviz.spec("lenet-d2l"))
    total = total_operations(report.layers, counting)
    label = COUNTED[counting].en
    assert (app.metric[1].label, app.metric[1].value) == (label, short(total))
    assert f"**{total:,}**" in app.metric[1].help
    table = open_tab(app, "table").dataframe[0].value
    assert table["operations"].sum() == total
    assert table["operations_share"].sum() == pytest.approx(100)
    see(network(app), selected="C1", tab="details")
    run(app)
    (row,) = [line for line in text_of(app).splitlines() if line.startswith(f"| {label} |")]
    inside = [x for x in report.layers if x.scope.startswith("C1")]
    assert f"**{total_operations(inside, counting):,} (" in row
    open_tab(app, "cost")
    assert label in app.get("plotly_chart")[0].proto.spec


def test_the_default_is_not_in_the_address_and_another_is():
    app = open_page(preset="lenet-d2l")
    assert address(app) == {"preset": "lenet-d2l"}
    count_as(app, "flops")
    assert address(app) == {"preset": "lenet-d2l", "count": "flops"}
    linked = open_page(**address(app))
    assert figures(linked) == figures(app)
    assert choice(linked).value == "flops"
    assert not linked.warning
    count_as(app, "macs")
    assert address(app) == {"preset": "lenet-d2l"}


def test_a_knob_or_another_family_keeps_the_way_to_count():
    app = count_as(open_page(preset="lenet-d2l"), "all")
    (family,) = [box for box in app.selectbox if box.key.startswith("family.")]
    family.set_value("vgg")
    run(app)
    report = cnnviz.analyze(cnnviz.spec(address(app)["preset"]))
    assert address(app)["count"] == "all"
    assert app.metric[1].value == short(total_operations(report.layers, "all"))


@pytest.mark.parametrize("bad", ["flop", "<b>", "9" * 5000])
def test_a_wrong_way_to_count_costs_a_sentence(bad):
    app = open_page(preset="lenet-d2l", count=bad)
    (warning,) = app.warning
    assert "is not one of MACs, FLOPs, All operations" in plain(warning.value)
    assert choice(app).value == "macs"
    assert address(app) == {"preset": "lenet-d2l"}


def test_formulas_in_the_details():
    app = open_page(preset="lenet-5")
    see(network(app), opened=frozenset({"C1"}), selected="C1.conv")
    run(app)
    for row in (
        "| H = W | 32 − 5 + 1 = **28** |",
        "| Parameters | (5×5 + 1)×6 = **156 (0.256 %)** |",
        "| MACs | 28×28×6×5×5 = **117,600 (36.1 %)** |",
    ):
        assert row in text_of(app)
    count_as(app, "all")
    assert "| All operations | 2×28×28×6×5×5 + 6×28×28 = **239,904" in text_of(app)


def test_adaptive_pooling_says_so():
    app = open_page(preset="resnet-18")
    see(network(app), opened=frozenset({"head"}), selected="head.pool")
    run(app)
    assert "| Adaptive window | 7/1 = **7**, 7/1 = **7** |" in text_of(app)


@pytest.mark.parametrize(
    ("preset", "lang"), [("lenet-5", "en"), ("googlenet", "en"), ("densenet-40-k12", "zh")]
)
def test_the_counters_tab(preset, lang):
    app = open_tab(open_page(preset=preset, lang=lang), "counters")
    report = cnnviz.analyze(cnnviz.spec(preset))
    (table,) = tables(app)
    rows = re.findall(r"<tr class=.*?</tr>", table)
    assert len(rows) == 3 + 7
    assert [("marked" in row) for row in rows] == [True] + [False] * 9
    for counting, row in zip(CONVENTIONS, rows, strict=False):
        assert f"{total_operations(report.layers, counting):,}" in row
    for reading, row in zip(read_counters(cnnviz.spec(preset)), rows[3:], strict=True):
        assert reading.counter.name in unescape(row)
        assert f"{reading.number:,}" in row
        titles = [int(x.replace(",", "")) for x in re.findall(r'title="([-0-9,]+)"', row)]
        assert sum(titles) == reading.number, "the row adds up"
        assert ("✓ 0" in row) == reading.is_run
    assert f"Total params: {report.params:,}" in app.code[-1].value
    assert f"**{report.params:,}** ✓" in text_of(app)


def test_a_difference_that_is_not_explained_is_shown(monkeypatch):
    real = counters._torch_flops
    monkeypatch.setattr(counters, "_torch_flops", lambda *args: real(*args) + 7)
    counters.measure.cache_clear()
    try:
        (table,) = tables(open_tab(open_page(preset="lenet-d2l"), "counters"))
    finally:
        counters.measure.cache_clear()
    assert '<td class="differs">+7</td>' in table
