"""Reports and the atlas: pages that hold all they need."""

import json
import re
from html.parser import HTMLParser

import pytest

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.graph import fold
from cnnviz.exports import atlas
from cnnviz.zoo import FAMILIES, PRESETS


class Page(HTMLParser):
    """What a page links to and loads, and what its tags are."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        self.links += [values["href"]] if tag == "a" else []
        self.loads += [values[name] for name in ("src", "href") if name in values and tag != "a"]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_a_report_holds_all_it_needs(tmp_path, language, theme):
    file = cnnviz.export("lenet-5", tmp_path / "x.html", language=language, theme=theme)
    text = file.read_text(encoding="utf-8")
    found = Page(text)
    assert found.loads == []
    assert "url(" not in text
    assert f'class="{theme}"' in text
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    words = {
        "en": ("Layer graph", "Parameters", "exact"),
        "zh": ("网络结构图", "参数量", "完全相同"),
    }
    for word in (*words[language], f"{report.params:,}", 'cnnviz.spec("lenet-5")'):
        assert word in text.replace("&quot;", '"')
    known = json.loads(re.search(r'id="network">(.*?)</script>', text, re.S)[1])
    assert {node.id for node in fold(report).nodes} <= known["about"].keys()
    assert known["words"].keys() == {language}


def test_a_report_of_a_large_network_is_small(tmp_path):
    file = cnnviz.export("densenet-264", tmp_path / "x.html")
    assert file.stat().st_size < 1_500_000


@pytest.mark.browser
def test_a_report_is_unfolded_and_read(tmp_path, browser):
    file = cnnviz.export("googlenet", tmp_path / "x.html")
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.locator("svg g.node[id='inception_3a']").dblclick()
    assert page.locator("svg g.cluster[id='inception_3a']").is_visible()
    page.locator("svg g.node[id='inception_3a.branch1']").click()
    assert page.locator(".graph > .details h3").inner_text() == "inception_3a.branch1"
    assert "64×28×28" in page.locator(".graph > .details").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
    assert asked == [file.as_uri()]
    assert errors == []


def check_site(folder, presets):
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) == 1 + 2 * (len(presets) + 1)
    for file in pages:
        found = Page(file.read_text(encoding="utf-8"))
        assert found.loads == []
        for link in found.links:
            assert (file.parent / link).resolve() in pages
    for language in ("en", "zh"):
        index = Page((folder / language / "index.html").read_text(encoding="utf-8"))
        for name in presets:  # by family and by year
            assert index.links.count(f"{name}.html") == 2


def test_an_atlas_of_a_family(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(atlas, "FAMILIES", {"lenet": FAMILIES["lenet"]})
    assert main(["atlas", "-o", str(tmp_path / "site")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 9
    check_site(tmp_path / "site", [preset.name for preset in FAMILIES["lenet"].presets])


@pytest.mark.sweep
def test_the_whole_atlas(tmp_path):
    assert main(["atlas", "-o", str(tmp_path)]) == 0
    check_site(tmp_path, PRESETS)


def test_an_atlas_in_no_known_language_is_refused(tmp_path, capsys):
    assert main(["atlas", "-o", str(tmp_path / "site"), "--language", "fr"]) == 2
    assert "en, zh" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_years():
    years = {
        "lenet-5": 1998,
        "resnet-50": 2015,
        "resnext-101-32x8d": 2016,
        "se-resnext-50-32x4d": 2017,
    }
    assert {name: atlas.year_of(PRESETS[name]) for name in years} == years
