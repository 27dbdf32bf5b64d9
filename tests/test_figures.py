"""Figures of a network as its family is drawn: readable, in both languages, with true numbers."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
import torch
from architecture_page_driver import network, open_page, open_tab, see, turn
from page_driver import run

import cnnviz
from cnnviz.analysis.graph import INPUT_ID, blocks, find
from cnnviz.knobs import SpecError
from cnnviz.render.figures import Drawable, Figure, figures_of, stacked_maps_tikz
from cnnviz.render.figures.canvas import SIZE, text_width
from cnnviz.render.figures.flow import flow, forks, in_stages, ops
from cnnviz.render.figures.shuffle import shuffled
from cnnviz.render.figures.stack import maps, solids
from cnnviz.text import LANGUAGES
from cnnviz.zoo import FAMILIES
from cnnviz.zoo.lenet import CONNECTIONS_C3
from cnnviz.zoo.residual import ORDERS

SVG = "{http://www.w3.org/2000/svg}"
INK = "#31333F"
WIDEST = 960  # px that a page of 1366 px has for it beside the sidebar


def drawables(name: str, **knobs: object) -> dict[str, Drawable]:
    spec = cnnviz.spec(name, **knobs)
    return figures_of(spec, cnnviz.analyze(spec))


def draw(name: str, which: str, at: str = "", /, **knobs: object) -> Figure:
    """A figure in English of the block `at`, else of the first."""
    drawable = drawables(name, **knobs)[which]
    return drawable.draw(at or (*drawable.blocks, "")[0], "en", INK)


def texts(figure: Figure) -> list[str]:
    return [element.text for element in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")]


def boxes(figure: Figure) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right and bottom of every text, and the text."""
    found = []
    for element in ElementTree.fromstring(figure.svg).iter(f"{SVG}text"):
        width = text_width(element.text)
        before = {"start": 0, "middle": width / 2, "end": width}[element.get("text-anchor")]
        left, base = float(element.get("x")) - before, float(element.get("y"))
        found.append((left, base - 0.8 * SIZE, left + width, base + 0.1 * SIZE, element.text))
    return found


def check_readable(figure: Figure) -> None:
    root = ElementTree.fromstring(figure.svg)
    left, top, width, height = map(float, root.get("viewBox").split())
    assert root.get("aria-label") == figure.words
    assert float(root.get("font-size")) >= 14
    assert float(root.get("width")) <= WIDEST
    shown = boxes(figure)
    for box in shown:
        assert left <= box[0], box
        assert box[2] <= left + width, box
        assert top <= box[1], box
        assert box[3] <= top + height, box
    for one, other in combinations(shown, 2):
        beside = one[2] <= other[0] or other[2] <= one[0]
        assert beside or one[3] <= other[1] or other[3] <= one[1], (one, other)


def test_every_figure_of_a_preset_can_be_read(preset):
    report = cnnviz.analyze(preset.spec)
    for drawable in figures_of(preset.spec, report).values():
        for block in drawable.blocks or ("",):
            figures = [drawable.draw(block, language, INK) for language in LANGUAGES]
            for figure in figures:
                check_readable(figure)
            english, chinese = figures
            assert english.words != chinese.words
            assert not re.search("[\u4e00-\u9fff]", english.svg + english.caption)
            assert re.search("[\u4e00-\u9fff]", chinese.caption)
            for name in re.findall('data-id="([^"]*)"', english.svg):
                assert name == INPUT_ID or find(report, name) or name in report.modules, name


def test_a_flow_has_every_op_of_its_block_once(preset):
    report = cnnviz.analyze(preset.spec)
    for scope in (*forks(report), *in_stages(report)):
        found = [layer.name for layer in ops(flow(report, scope))]
        assert sorted(found) == sorted(report.layers[at].name for at in blocks(report)[scope])


@pytest.mark.browser
def test_no_label_covers_another_in_a_browser(browser):
    """By the letters as Chromium sets them, for the first preset of each family."""
    svgs = [
        drawable.draw(block, language, INK).svg
        for family in FAMILIES.values()
        for drawable in drawables(family.presets[0].name).values()
        for block in (drawable.blocks or ("",))[:2]
        for language in LANGUAGES
    ]
    page = browser.new_page()
    page.set_content("".join(svgs))
    wrong = page.evaluate(
        """() => [...document.querySelectorAll("svg")].flatMap(svg => {
          const frame = svg.getBoundingClientRect()
          const boxes = [...svg.querySelectorAll("text")].filter(text => text.textContent)
            .map(text => [text.getBoundingClientRect(), text.textContent])
          const out = boxes.filter(([b]) => b.left < frame.left || b.right > frame.right
            || b.top < frame.top || b.bottom > frame.bottom + 2)
          // lines of text may touch: their boxes are higher than their letters
          const met = boxes.flatMap(([a, one], i) => boxes.slice(i + 1).filter(([b]) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6)
            .map(([, other]) => one + " | " + other))
          return [...out.map(([, text]) => text), ...met]
        })"""
    )
    page.close()
    assert wrong == []


@pytest.mark.parametrize("name", [p.name for p in FAMILIES["densenet"].presets])
def test_the_bus_grows_by_k_and_is_cut_by_theta(name):
    spec = cnnviz.spec(name)
    shown, channels = texts(draw(name, "bus")), spec.stem_channels
    for index, depth in enumerate(spec.depths):
        wide = channels + depth * spec.growth_rate
        assert f"{channels} + {depth}·{spec.growth_rate} = {wide}" in shown
        channels = int(wide * spec.compression + 1e-9)
        if index + 1 < len(spec.depths):
            assert f"θ = {spec.compression:g}: {wide} → {channels}" in shown


def test_bars_of_the_bus_are_to_scale():
    figure = ElementTree.fromstring(draw("densenet-121", "bus").svg)
    spec = cnnviz.spec("densenet-121")
    widths = {}
    for part in figure.iter(f"{SVG}g"):
        bars = [float(bar.get("width")) for bar in part.iter(f"{SVG}rect")]
        widths[part.get("data-id")] = sum(bars)
    channel = widths["block3.layer24"] / 1024
    assert widths["block1.layer1"] == pytest.approx(channel * (64 + spec.growth_rate), abs=0.3)
    assert widths["block2.layer12"] == pytest.approx(channel * 512, abs=0.3)


@pytest.mark.parametrize(
    "knobs",
    [
        *({"growth_rate": k, "compression": theta} for k in (1, 64) for theta in (0.1, 1.0)),
        {"depths": (1,), "image_size": 32},
        {"depths": (1,) * 7, "image_size": 1024},
        {"depths": (128, 128), "growth_rate": 64},
    ],
    ids=str,
)
def test_dense_figures_hold_at_both_ends(knobs):
    for name, drawable in drawables("densenet-121", **knobs).items():
        for block in drawable.blocks or ("",):
            for language in LANGUAGES:
                figure = drawable.draw(block, language, INK)
                check_readable(figure)
                if name == "bus":
                    assert f"θ = {knobs.get('compression', 0.5):g}" in figure.caption


@pytest.mark.parametrize("depth", [1, 4, 6, 24])
def test_arcs_are_counted(depth):
    """The course's figure has four layers and what follows them: 15."""
    figure = draw("densenet-d2l", "arcs", "block1", depths=(depth, 1))
    arcs = [part for part in ElementTree.fromstring(figure.svg).iter() if part.get("class")]
    dashed = sum(arc.get("d").count("A") for arc in arcs if arc.get("stroke-dasharray"))
    solid = sum(arc.get("d").count("A") for arc in arcs if not arc.get("stroke-dasharray"))
    pairs = list(combinations(range(depth + 2), 2))  # input, layers, what follows
    assert (solid, dashed) == (len(pairs) - depth - 1, depth + 1)
    assert f" {solid} arc{'s' * (solid != 1)} into" in figure.caption
    assert f"= {len(pairs)} " in figure.caption
    assert depth != 4 or len(pairs) == 15


def test_branches_are_joined_as_the_paper_says():
    spec = cnnviz.spec("googlenet")
    for block in drawables("googlenet")["branches"].blocks:
        conv1, _, conv3, _, conv5, pool = getattr(spec, block)
        total = conv1 + conv3 + conv5 + pool
        figure = draw("googlenet", "branches", block)
        assert f"{conv1} + {conv3} + {conv5} + {pool} = {total}" in texts(figure)
        order = re.findall(r'data-id="[^"]*\.branch(\d)\.', figure.svg)
        assert list(dict.fromkeys(order)) == ["1", "2", "3", "4"]


def test_a_turned_split_is_drawn():
    shown = texts(draw("googlenet", "branches", inception_3a=(64, 96, 100, 16, 32, 32)))
    assert "64 + 100 + 32 + 32 = 228" in shown


def test_bars_of_branches_are_to_scale():
    report = cnnviz.analyze(cnnviz.spec("inception-v3"))
    ratios = []
    for part in ElementTree.fromstring(draw("inception-v3", "branches").svg).iter(f"{SVG}g"):
        (bar,) = part.iter(f"{SVG}rect")
        channels = find(report, part.get("data-id")).output_shape[1]
        ratios.append(float(bar.get("width")) / channels)
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=0.01)


@pytest.mark.parametrize("order", ORDERS)
def test_the_orders_of_a_residual_block_can_be_told(order):
    """Figure 4 of arXiv 1603.05027: what comes before, between and behind the two convolutions."""
    figure = draw("resnet-18", "block", order=order)
    words = {"norm": "batch norm", "relu": "ReLU"}
    before, end, after = ([words[name] for name in names] for names in ORDERS[order])
    between = ["batch norm", "ReLU"]
    body = [*before, "conv 3×3 · 64", *between, "conv 3×3 · 64", *end]
    assert texts(figure) == ["input · 64", *body, "identity", "+", "add · 64", *after]


@pytest.mark.parametrize(
    ("knobs", "block", "kind"),
    [
        ({}, "stage1.block1", "identity"),
        ({}, "stage2.block1", "projection"),
        ({"shortcut": "projection-all"}, "stage1.block1", "projection"),
        ({"shortcut": "zero-pad"}, "stage2.block1", "zeros, no weights"),
        ({"residual": False}, "stage2.block1", None),
    ],
)
def test_a_shortcut_is_called_what_it_is(knobs, block, kind):
    figure = draw("resnet-18", "block", block, **knobs)
    kinds = {"identity", "projection", "zeros, no weights"}
    assert kinds.intersection(texts(figure)) == ({kind} if kind else set())
    assert ('stroke-width="6"' in figure.svg) == (kind is not None)


def test_the_gate_of_squeeze_and_excitation_is_in_its_block():
    shown = texts(draw("se-resnet-50", "block", "stage2.block2"))
    narrow = 512 // cnnviz.spec("se-resnet-50").reduction
    gate = [f"conv 1×1 · {narrow}", "ReLU", "conv 1×1 · 512", "sigmoid", "×"]
    start = shown.index("global avg pool · 512")
    assert shown[start + 1 : start + 6] == gate


def test_a_gate_is_no_shortcut():
    figure = draw("se-resnet-50", "block", "stage2.block2", residual=False)
    assert figure.caption == "stage2.block2: from 512 to 512 channels, without a shortcut."


def test_groups_are_paths():
    figure = draw("resnext-50-32x4d", "paths", "stage1.block2")
    for part in ElementTree.fromstring(figure.svg).iter(f"{SVG}g"):
        assert len(list(part.iter(f"{SVG}rect"))) == 32
    assert {"256 → 4, 1×1", "4 → 4, 3×3", "4 → 256, 1×1"} <= set(texts(figure))
    assert "identity" in texts(figure)
    assert "projection" in texts(draw("resnext-50-32x4d", "paths", "stage2.block1"))
    assert "shortcut: none" in draw("resnext-50-32x4d", "paths", residual=False).words
    assert "paths" not in drawables("resnet-50")


@pytest.mark.parametrize(("channels", "groups"), [(6, 2), (60, 3), (96, 8), (12, 1), (7, 7)])
def test_channels_are_shuffled_as_torch_does(channels, groups):
    moved = torch.nn.ChannelShuffle(groups)(torch.arange(channels).view(1, channels, 1, 1))
    for channel, place in enumerate(shuffled(channels, groups)):
        assert moved[0, place, 0, 0] == channel


@pytest.mark.parametrize(
    ("name", "groups"), [("shufflenet-v1-g3", 3), ("shufflenet-v1-g8", 8), ("shufflenet-v2-x1", 2)]
)
def test_lines_of_the_shuffle_end_where_the_channels_go(name, groups):
    lines = ends(draw(name, "shuffle"))
    assert [place for _, place in lines] == shuffled(len(lines), groups)


def test_without_a_shuffle_channels_stay_in_their_groups():
    assert all(
        start == end for start, end in ends(draw("shufflenet-v1-g3", "shuffle", shuffle=False))
    )
    assert "shuffle" not in drawables("shufflenet-v2-x1", shuffle=False)


def ends(figure: Figure) -> list[tuple[int, int]]:
    """From which place to which each line of a shuffle leads."""
    lines = [
        line.get("points").replace(",", " ").split()
        for line in ElementTree.fromstring(figure.svg).iter(f"{SVG}polyline")
    ]
    places = sorted({float(line[0]) for line in lines})
    return [(places.index(float(line[0])), places.index(float(line[2]))) for line in lines]


def test_the_connection_table_is_that_of_1998():
    figure = draw("lenet-5", "table")
    crosses = [box for box in boxes(figure) if box[4] == "×"]
    columns = sorted({round(box[0]) for box in crosses})
    rows = sorted({round(box[1]) for box in crosses})
    found = [
        {rows.index(round(box[1])) for box in crosses if round(box[0]) == column}
        for column in columns
    ]
    assert found == list(map(set, CONNECTIONS_C3))
    assert "= 60 kernels" in figure.caption
    assert "1,516 parameters" in figure.caption
    full = draw("lenet-5", "table", connections_c3="full")
    assert texts(full).count("×") == 6 * 16
    assert "2,416 parameters" in full.caption


def test_the_towers_have_half_of_the_maps_each():
    shown = texts(draw("alexnet-2012", "towers"))
    for name, half in {"C1": 48, "C2": 128, "C3": 192, "C5": 128, "F6": 2048}.items():
        assert [shown[at + 1] for at, text in enumerate(shown) if text == name] == [str(half)] * 2
    caption = draw("alexnet-2012", "towers").caption
    assert caption.startswith("C2, C4, C5 read only their own half; C1, C3, F6, F7 read all")
    assert "towers" not in drawables("alexnet-2012", towers=1)


@pytest.mark.parametrize("separable", [True, False])
def test_the_weights_of_a_separable_convolution_are_those_of_the_model(separable):
    spec = cnnviz.spec("mobilenet-v1", separable=separable)
    report = cnnviz.analyze(spec)
    drawable = figures_of(spec, report)["separable"]
    for block in drawable.blocks:
        found = (report.layers[at] for at in blocks(report)[block])
        weights = sum(layer.params for layer in found if layer.operation == "conv2d")
        (ours,) = (text for text in texts(drawable.draw(block, "en", INK)) if "this" in text)
        assert ours.endswith(f"= {weights:,}")


def test_the_widths_of_an_inverted_residual():
    shown = texts(draw("mobilenet-v2", "block", "stage3.block2", expand_ratio=4))
    assert shown[:2] == ["input · 32", "conv 1×1 · 128"]
    assert {"conv 1×1 · 32", "identity", "add · 32"} <= set(shown)


def test_stacked_maps_are_those_of_the_network(preset):
    report = cnnviz.analyze(preset.spec)
    shown = maps(report)
    shapes = {layer.output_shape[1:] for layer in report.layers}
    assert shown[0].shape == report.input_shape[1:]
    assert shown[-1].shape == report.layers[-1].output_shape[1:]
    for one in shown[1:]:
        assert one.shape in shapes or (*one.shape, 1, 1) in shapes
    boxes = [solid for solid in solids(report) if not solid.map.is_vector and solid.width > 2]
    for one, other in combinations(boxes, 2):
        scale = other.map.shape[0] / one.map.shape[0]
        assert other.width == pytest.approx(one.width * scale)
        if min(one.height, other.height) > 2:
            higher = other.map.shape[1] / one.map.shape[1]
            assert other.height == pytest.approx(one.height * higher)


def test_the_maps_of_lenet_and_vgg_are_the_papers():
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    lenet = [(1, 32, 32), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (84,), (10,)]
    assert [one.shape for one in maps(report)] == lenet
    repeated = [one.times for one in maps(cnnviz.analyze(cnnviz.spec("vgg-d"))) if one.times > 1]
    assert repeated == [2, 2, 3, 3, 3, 2]  # convolutions, then the two hidden layers


def test_tikz_has_the_same_boxes(preset):
    report = cnnviz.analyze(preset.spec)
    source, shown = stacked_maps_tikz(report), solids(report)
    assert source.count(r"\filldraw") == sum(1 if one.map.is_vector else 3 for one in shown)
    assert source.count("{") == source.count("}")
    assert source.isascii() or all(
        line.startswith("  %") for line in source.splitlines() if not line.isascii()
    )
    for one in shown:
        assert f"({one.x:.1f},{one.y:.1f})" in source
        assert f"{{{one.map.shape[0]}}};" in source


@pytest.mark.parametrize(
    ("name", "which", "knobs"),
    [
        ("densenet-121", "bus", {"growth_rate": 12}),
        ("densenet-121", "bus", {"compression": 1.0}),
        ("densenet-121", "arcs", {"depths": (5, 12, 24, 16)}),
        ("resnet-50", "block", {"block": "basic"}),
        ("resnet-50", "block", {"reduction": 16}),
        ("resnet-50", "block", {"residual": False}),
        ("mobilenet-v2", "block", {"linear_bottleneck": False}),
        ("efficientnet-b0", "block", {"reduction": 0}),
        ("googlenet", "branches", {"module": "naive"}),
        ("alexnet-2012", "towers", {"channels": (64, 192, 384, 256, 256)}),
        ("vgg-d", "maps", {"image_size": 64}),
    ],
    ids=str,
)
def test_turning_a_knob_changes_the_figure(name, which, knobs):
    assert draw(name, which).svg != draw(name, which, **knobs).svg


def captions(app) -> list[str]:
    return [caption.value for caption in app.caption]


def open_figure(name: str):
    return open_tab(open_page(preset=name), "figure")


def test_the_tab_follows_knobs_and_the_choice_of_figure():
    app = open_figure("densenet-121")
    assert draw("densenet-121", "bus").caption in captions(app)
    turn(app, "growth_rate", 12)
    assert draw("densenet-121", "bus", growth_rate=12).caption in captions(app)
    (which,) = [one for one in app.get("button_group") if one.key.startswith("figure.which.")]
    which.set_value("arcs")
    run(app)
    assert draw("densenet-121", "arcs", growth_rate=12).caption in captions(app)


def test_the_tab_draws_the_block_that_is_selected_or_chosen():
    app = open_figure("googlenet")
    assert draw("googlenet", "branches", "inception_3a").caption in captions(app)
    see(network(app), selected="inception_4b.branch2.conv")
    run(app)
    assert draw("googlenet", "branches", "inception_4b").caption in captions(app)
    (block,) = [box for box in app.selectbox if box.key.startswith("figure.branches.")]
    block.set_value("inception_5b")
    run(app)
    assert draw("googlenet", "branches", "inception_5b").caption in captions(app)


def test_a_network_without_a_figure_of_its_own_has_its_maps():
    app = open_figure("vgg-d")
    assert draw("vgg-d", "maps").caption in captions(app)
    assert not [one for one in app.get("button_group") if one.key.startswith("figure.")]


@pytest.mark.sweep
def test_figures_hold_at_both_ends_of_every_knob(family):
    spec = cnnviz.spec(family)
    for turned in spec.knobs():
        for value in turned.extremes:
            try:
                end = spec.turn(**{turned.name: value})
            except SpecError:
                continue
            for drawable in figures_of(end, cnnviz.analyze(end)).values():
                for block in drawable.blocks[:1] + drawable.blocks[-1:] or ("",):
                    for language in LANGUAGES:
                        check_readable(drawable.draw(block, language, INK))
