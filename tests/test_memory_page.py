"""The tab on training memory: what it says is what the analysis says."""

import pytest
from architecture_page_driver import figures, network, open_page, open_tab, see, turn
from page_driver import run, text_of

import cnnviz
from cnnviz.analysis.graph import fold
from cnnviz.analysis.memory.step import CAPACITIES, largest_batch, training_memory
from cnnviz.numbers import short
from cnnviz.render.charts import SAVED, cost_chart
from cnnviz.render.memory_chart import PARTS, memory_chart


def set_to(app, kind, key, value):
    (element,) = [element for element in app.get(kind) if element.key == key]
    element.set_value(value)
    return run(app)


def rows(app):
    """The table's lines for the cards: (memory, whether it fits, largest batch)."""
    (table,) = [element.value for element in app.markdown if "Largest batch" in element.value]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert len(cells) == len(CAPACITIES) + 1
    assert "free now" in cells[-1][0]
    return cells[:-1]


def expected_rows(report, batch, **settings):
    needed = training_memory(report, batch, **settings).total
    return [
        [
            f"{size // 10**9} GB",
            "✓ yes" if needed <= size else "✗ no",
            f"{largest_batch(report, size, **settings):,}",
        ]
        for size in CAPACITIES
    ]


def test_the_tab_follows_its_controls_and_the_network():
    app = open_tab(open_page(preset="resnet-50"), "memory")
    report = cnnviz.analyze(cnnviz.spec("resnet-50"))
    assert f"## {figures(app)[-1]}" in text_of(app), "the headline's figure is the tab's first"
    assert rows(app) == expected_rows(report, 32)
    set_to(app, "number_input", "memory.batch", 256)
    set_to(app, "button_group", "memory.precision.en", "mixed")
    set_to(app, "button_group", "memory.optimiser.en", "adam")
    settings = {"precision": "mixed", "optimiser": "adam"}
    total = training_memory(report, 256, **settings).total
    assert f"## {short(total, 'B')}" in text_of(app)
    assert rows(app) == expected_rows(report, 256, **settings)
    assert {row[1] for row in rows(app)} == {"✓ yes", "✗ no"}
    assert "autocast" in "".join(caption.value for caption in app.caption)
    turn(app, "image_size", 112)
    smaller = cnnviz.analyze(cnnviz.spec("resnet-50", image_size=112))
    assert rows(app) == expected_rows(smaller, 256, **settings), "the settings stay"


def test_details_name_what_is_saved():
    app = open_page(preset="lenet-d2l")
    see(network(app), selected="C1")
    run(app)
    # the image 28·28 and the sigmoid's output 6·28·28, of four bytes
    assert "Saved for backward | **22.0 kB (" in text_of(app)


@pytest.mark.parametrize(("name", "batch"), [("lenet-5", 1), ("resnet-50", 64), ("vgg-e", 4096)])
def test_the_bar_is_as_long_as_the_total(name, batch):
    memory = training_memory(cnnviz.analyze(cnnviz.spec(name)), batch)
    figure = memory_chart(memory, "en", ink="#000000")
    assert sum(bar.x[0] for bar in figure.data) == memory.total
    assert len(figure.data) == len(PARTS)
    assert figure.layout.xaxis.range[1] >= memory.total
    assert all(line.x0 <= figure.layout.xaxis.range[1] for line in figure.layout.shapes)


def test_the_bars_of_the_blocks_add_up():
    report = cnnviz.analyze(cnnviz.spec("densenet-d2l"))
    figure = cost_chart(report, fold(report), "en", ink="#000000", measures=SAVED)
    assert sum(sum(bar.x) for bar in figure.data if bar.type == "bar") == report.saved_bytes


def test_the_tab_stays_while_a_knob_is_refused():
    app = open_tab(open_page(preset="resnet-50"), "memory")
    before = rows(app)
    turn(app, "image_size", -224)
    assert len(app.error) == 1
    assert rows(app) == before
