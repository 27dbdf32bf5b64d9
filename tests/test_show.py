"""Any network as one page that works offline: what it holds, and how it is used in a browser."""

import json
import re

import pytest
from axe import violations
from playwright.sync_api import expect
from test_reports import Page
from torch import nn

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.graph import fold, open_to_depth, scopes
from cnnviz.library.foreign import ForeignError, made, typed_shape
from cnnviz.render.colouring import MEASURES, Colouring

OWN = """
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(8, 8, 3, padding=1)
        self.two = nn.ReLU()

    def forward(self, x):
        return x + self.two(self.one(x))


def build():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Sequential(Block(), Block()), nn.Flatten())


def with_input():
    return build(), torch.zeros(2, 3, 8, 8)


def wrong():
    raise KeyError("no such thing")


network = build()
size = 3
"""
RAISES = OWN[: OWN.index("raise")].count("\n") + 1  # the line


@pytest.fixture
def own(tmp_path):
    file = tmp_path / "net.py"
    file.write_text(OWN)
    return file


def known_of(html):
    return json.loads(re.search(r'id="network">(.*?)</script>', html, re.S)[1])


# what the page holds


def test_a_page_holds_all_it_needs_in_both_languages():
    page = cnnviz.show(cnnviz.spec("resnet-50").build(), (1, 3, 224, 224))
    found = Page(page.html)
    assert found.loads == []
    assert len(page.html.encode()) < 1_500_000
    for word in ("Receptive field", "感受野", "Training memory", "训练内存", "25,557,032"):
        assert word in page.html
    known = known_of(page.html)
    assert known["words"].keys() == {"en", "zh"}
    report = cnnviz.analyze("resnet-50")
    assert [name for name, _ in known["ops"]] == [layer.name for layer in report.layers]
    names = {layer.name for layer in report.layers} | scopes(report)
    assert known["about"].keys() == names
    for words in known["words"].values():
        assert words["texts"].keys() == names
        assert all(len(one["facts"]) <= len(words["facts"]) for one in known["about"].values())


def test_a_page_in_a_notebook():
    page = cnnviz.show("lenet")
    assert len(repr(page)) < 100
    shown = page._repr_html_()
    assert shown.startswith("<iframe")
    assert 'sandbox="allow-scripts"' in shown
    assert "<script" not in shown


def test_a_tag_in_a_name_ends_nothing():
    class Evil(nn.Module):
        def __init__(self):
            super().__init__()
            self.add_module("</script><b>", nn.Conv2d(1, 1, 1))

        def forward(self, x):
            return self._modules["</script><b>"](x)

    html = cnnviz.show(Evil(), (1, 1, 2, 2)).html
    assert "<b>" not in Page(html).tags
    assert "b" not in Page(html).tags
    assert html.count("</script>") == 2


def test_a_network_that_breaks_says_where():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(9, 2))
    html = cnnviz.show(net, (1, 3, 8, 8)).html
    assert "2 (linear) got 288 features and needs 9." in html
    assert "在哪一层失败" in html
    known = known_of(html)
    assert known["selected"] == "2"
    assert known["about"]["2"]["isBroken"]
    assert "Training memory" not in html


# the command


def test_the_command_shows_somebodys_own_network(own, tmp_path, capsys):
    file = tmp_path / "net.html"
    command = ["show", f"{own}:build", "--input", "1x3x8x8", "-o", str(file), "--language", "zh"]
    assert main(command) == 0
    assert capsys.readouterr().out.strip() == str(file)
    html = file.read_text(encoding="utf-8")
    assert '<html lang="zh-CN"' in html
    assert [name for name, _ in known_of(html)["ops"]][:2] == ["0", "1.0.one"]


def test_functions_modules_and_inputs(own):
    module, image = made(f"{own}:with_input")
    assert isinstance(module, nn.Module)
    assert image.shape == (2, 3, 8, 8)
    assert isinstance(made(f"{own}:network")[0], nn.Sequential)
    assert made(f"{own}:build")[1] is None
    assert typed_shape("1×3x8,9") == (1, 3, 8, 9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{own}:build"], ["--input 1x3x224x224"]),
        (["{own}:build", "--input", "1x3x0"], ["--input is 1x3x0"]),
        (["{own}:build", "--input", "3x8x8"], ["lacks the batch", "(1, 3, 8, 8)"]),
        (["{own}:biuld", "--input", "1x3x8x8"], ["no biuld", "build"]),
        (["{own}:wrong", "--input", "1x3x8x8"], [f"line {RAISES}", "KeyError", "no such thing"]),
        (["{own}:size", "--input", "1x3x8x8"], ["TypeError"]),
        (["/nowhere/net.py:build", "--input", "1x3x8x8"], ["/nowhere/net.py"]),
        (["resnet-50"], ["FILE.py:function", "export"]),
        (["{own}:build", "--input", "1x3x8x8", "--language", "fr"], ["language is fr"]),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(own, tmp_path, capsys, arguments, words):
    file = tmp_path / "net.html"
    given = [argument.replace("{own}", str(own)) for argument in arguments]
    assert main(["show", *given, "-o", str(file)]) == 2
    said = capsys.readouterr().err
    for word in words:
        assert word in said
    assert "Traceback" not in said
    assert not file.exists()


def test_a_function_may_return_what_the_network_is_called_with(tmp_path, capsys):
    file = tmp_path / "words.py"
    file.write_text(
        "import torch\n"
        "def build():\n"
        "    return torch.nn.Embedding(9, 4), {'input': torch.zeros(2, 5, dtype=torch.long)}\n"
    )
    page = tmp_path / "net.html"
    assert main(["show", f"{file}:build", "-o", str(page)]) == 0
    assert "embedding" in page.read_text(encoding="utf-8")


def test_a_page_has_the_ending_of_one(own, capsys):
    assert main(["show", f"{own}:build", "--input", "1x3x8x8", "-o", "net.png"]) == 2
    assert ".html" in capsys.readouterr().err


def test_a_file_with_a_mistake_names_its_line(tmp_path):
    file = tmp_path / "bad.py"
    file.write_text("x = 1\nif x:\nprint(x)\n")
    with pytest.raises(ForeignError, match="line 3"):
        made(f"{file}:x")


# in a browser


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page from disk, with the network off; nothing may be asked for, nothing may fail."""
    asked, errors = [], []
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)

    def opening(page):
        file = page.save(tmp_path / "net.html")
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        tab.goto(file.as_uri())
        return tab

    yield opening
    assert {url.rpartition("/")[2] for url in asked} <= {"net.html"}
    assert errors == []
    context.close()


def group(tab, name):
    return tab.locator(f'main:not([hidden]) svg [id="{name}"]')


@pytest.mark.browser
def test_the_graph_is_folded_searched_and_selected(opened):
    tab = opened(cnnviz.show("googlenet"))
    group(tab, "inception_3a").dblclick()
    expect(group(tab, "inception_3a")).to_have_class(re.compile("cluster"))
    expect(tab.locator("main:not([hidden]) .graph > .details h3")).to_have_text("inception_3a")
    group(tab, "inception_3a.branch1").click()
    expect(group(tab, "inception_3a.branch1")).to_have_class(re.compile("selected"))
    expect(tab.locator("main:not([hidden]) .graph > .details")).to_contain_text("64×28×28")
    tab.keyboard.press("/")
    tab.keyboard.type("inception_5b.branch3")
    tab.keyboard.press("Enter")
    expect(group(tab, "inception_5b")).to_have_class(re.compile("cluster"))
    expect(tab.locator("main:not([hidden]) .graph > .details h3")).to_contain_text(
        "inception_5b.branch3"
    )
    assert tab.locator("main:not([hidden]) .map").is_visible()
    tab.get_by_role("button", name="Fold all: one node per block").click()
    expect(group(tab, "inception_3a.branch1")).to_have_count(0)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_the_browser_folds_as_the_pages_do(opened):
    report = cnnviz.analyze("densenet-121")
    tab = opened(cnnviz.show("densenet-121"))
    everything = fold(report, scopes(report), together=True)
    tab.get_by_role("button", name="Unfold all: one node per op").click()
    nodes = tab.locator("main:not([hidden]) svg g.node:not(.image)")
    expect(nodes).to_have_count(len(everything.nodes))
    drawn = tab.locator("main:not([hidden]) svg g.edge > title").all_text_contents()
    # an edge that goes a part of its way with others is drawn in pieces
    assert set(drawn) == {f"{source} → {target}" for source, target in everything.edges}
    tab.get_by_role("button", name="Fold all: one node per block").click()
    folded = fold(report, open_to_depth(report, 1), together=True)
    expect(nodes).to_have_count(len(folded.nodes))
    drawn = tab.locator("main:not([hidden]) svg g.edge > title").all_text_contents()
    assert set(drawn) == {f"{source} → {target}" for source, target in folded.edges}


@pytest.mark.browser
def test_boxes_do_not_overlap_and_edges_end_at_them(opened):
    report = cnnviz.analyze("inception-v3")
    tab = opened(cnnviz.show(report))
    tab.get_by_role("button", name="Unfold all: one node per op").click()
    nodes = tab.locator("main:not([hidden]) svg g.node:not(.image)")
    expect(nodes).to_have_count(len(fold(report, scopes(report), together=True).nodes))
    overlaps = tab.evaluate("""() => {
      const root = document.querySelector("main:not([hidden]) .stage-host").shadowRoot
      const boxes = [...root.querySelectorAll("g.node > path")].map(e => e.getBoundingClientRect())
      return boxes.filter((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1
        && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length
    }""")
    assert overlaps == 0
    loose = tab.evaluate("""() => {
      const root = document.querySelector("main:not([hidden]) .stage-host").shadowRoot
      const box = id => root.querySelector(`[id="${CSS.escape(id)}"] > path`).getBBox()
      const edges = Map.groupBy(root.querySelectorAll("g.edge"),
        edge => edge.querySelector("title").textContent)
      const near = (p, b) => p.x >= b.x - 1 && p.x <= b.x + b.width + 1
        && p.y >= b.y - 1 && p.y <= b.y + b.height + 1
      return [...edges].filter(([title, pieces]) => {
        const [from, to] = title.split(" → ")
        const starts = pieces.map(piece => piece.querySelector("path").getPointAtLength(0))
        const tips = pieces.flatMap(piece => [...piece.querySelectorAll("polygon")])
        return !starts.some(start => near(start, box(from)))
          || tips.length !== 1 || !near(tips[0].points[0], box(to))
      }).length
    }""")
    assert loose == 0


def colours_of(tab):
    """The colour of each node that is drawn, by its id."""
    drawn = tab.locator("main:not([hidden]) svg g.node:not(.image)")
    return dict(
        drawn.evaluate_all("""all => all.map(
      node => [node.id, node.querySelector("path").getAttribute("fill")])""")
    )


@pytest.mark.browser
def test_colours_and_legend_are_those_of_the_pages(opened):
    report = cnnviz.analyze("resnet-18")
    tab = opened(cnnviz.show(report))
    chosen = tab.locator("main:not([hidden]) .colours select")
    legend = tab.locator("main:not([hidden]) .legend span:has(i)")
    for opened_blocks in (open_to_depth(report, 1), scopes(report)):
        graph = fold(report, opened_blocks, together=True)
        if opened_blocks == scopes(report):
            tab.get_by_role("button", name="Unfold all: one node per op").click()
        for by in (*MEASURES, "kind"):
            chosen.select_option(by)
            pages = Colouring(report, graph, by)
            drawn = colours_of(tab)
            assert drawn.keys() == {node.id for node in graph.nodes}
            for node in graph.nodes:
                assert rgb(drawn[node.id]) == pytest.approx(rgb(pages(node).colour), abs=2)
            said = [f"{entry.mark}{entry.label.en}" for entry in pages.legend("en")]
            assert legend.all_text_contents() == said


def rgb(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


@pytest.mark.browser
def test_a_lecture_is_given_from_the_file(opened):
    tab = opened(cnnviz.show("resnet-18", language="zh", theme="dark", depth=1))
    host = tab.locator("main:not([hidden]) .stage-host")
    details = tab.locator("main:not([hidden]) .graph > .details")
    tab.keyboard.press("p")
    expect(host.locator(".frame")).to_have_class(re.compile("presenting"))
    box = host.locator(".frame").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1366, 768)
    expect(details).not_to_be_visible()
    group(tab, "stage1").dblclick()
    expect(details).to_be_visible()
    assert details.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 20
    smallest = tab.evaluate("""() => {
      const root = document.querySelector("main:not([hidden]) .stage-host").shadowRoot
      const svg = root.querySelector(".stage svg")
      const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
      const texts = [...svg.querySelectorAll("text:not(.mark)")]
      return scale * Math.min(...texts.map(text => parseFloat(text.getAttribute("font-size"))))
    }""")
    assert smallest >= 20
    tab.keyboard.press("a")  # a stop with stage1 open, and one with all folded
    host.get_by_role("button", name="全部折叠：每个块一个节点").click()
    group(tab, "stage3").click()
    tab.keyboard.press("a")
    tab.keyboard.press("ArrowLeft")
    expect(group(tab, "stage1")).to_have_class(re.compile("cluster"))
    expect(details.locator("h3")).to_have_text("stage1")
    tab.keyboard.press("ArrowRight")
    expect(group(tab, "stage1.0")).to_have_count(0)
    expect(details.locator("h3")).to_have_text("stage3")
    tab.keyboard.press("d")
    expect(details).not_to_be_visible()
    tab.keyboard.press("Escape")
    expect(host.locator(".frame")).not_to_have_class(re.compile("presenting"))
    expect(tab.locator("main:not([hidden]) h1")).to_be_visible()
    # the other language has a graph of its own: a key presents the one that is seen
    tab.get_by_role("button", name="English").click()
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("p")
    expect(tab.locator("main:not([hidden]) .frame")).to_have_class(re.compile("presenting"))
    expect(tab.locator("main[hidden] .frame")).not_to_have_class(re.compile("presenting"))


@pytest.mark.browser
@pytest.mark.sweep
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(opened, language, theme):
    tab = opened(cnnviz.show("googlenet", language=language, theme=theme))
    assert violations(tab) == []
    group(tab, "inception_3a").click()
    tab.locator("main:not([hidden]) .colours select").select_option("macs")
    assert violations(tab) == []
    tab.locator("main:not([hidden]) .stage-host button.present").click()
    assert violations(tab) == []


@pytest.mark.browser
def test_the_other_language(opened):
    tab = opened(cnnviz.show("lenet"))
    tab.get_by_role("button", name="简体中文").click()
    assert tab.evaluate("document.documentElement.lang") == "zh-CN"
    group(tab, "C1").click()
    expect(tab.locator("main:not([hidden]) .graph > .details")).to_contain_text("感受野")
    expect(tab.locator("main:not([hidden]) h2").first).to_have_text("网络结构图")


@pytest.mark.browser
def test_a_network_that_breaks_opens_at_the_op_that_fails(opened):
    inner = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Linear(9, 2))
    tab = opened(cnnviz.show(nn.Sequential(nn.Identity(), inner), (1, 3, 8, 8)))
    expect(group(tab, "1.2")).to_have_class(re.compile("selected"))
    expect(tab.locator("main:not([hidden]) .graph > .details")).to_contain_text("cannot run")


@pytest.mark.load
@pytest.mark.browser
def test_a_fold_takes_less_than_a_fifth_of_a_second(opened):
    tab = opened(cnnviz.show(cnnviz.spec("resnet-50").build(), (1, 3, 224, 224)))
    took = []
    for block in ("stage1", "stage2", "stage3", "stage4", "stage4", "stage3"):
        box = group(tab, block).first
        box.scroll_into_view_if_needed()
        took.append(
            tab.evaluate(
                """async id => {
                  const root = document.querySelector("main:not([hidden]) .stage-host").shadowRoot
                  const node = root.querySelector(`[id="${id}"]`)
                  const start = performance.now()
                  node.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }))
                  await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
                  return performance.now() - start
                }""",
                block,
            )
        )
    assert max(took) < 200, took
