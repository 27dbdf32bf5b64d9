"""Files of a network: what they hold is the network, whoever reads them."""

import csv
import json
import re
from xml.etree import ElementTree

import openpyxl
import pytest
import torch
from PIL import Image
from torch import nn

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.exports import table
from cnnviz.exports.errors import ExportError
from cnnviz.exports.files import ENDINGS
from cnnviz.exports.names import file_name, python, start_of
from cnnviz.exports.style import Style
from cnnviz.render.colouring import Colouring
from cnnviz.render.shape_table import shape_rows
from cnnviz.settings import VERSION
from cnnviz.zoo import PRESETS


def test_names_of_downloads():
    turned = cnnviz.spec("resnet-18", depths=(1, 2), conv_bias=True)
    start = start_of(turned)
    assert file_name(turned, start) == "resnet-18_depths-1-2_conv_bias-true"
    assert eval(python(turned, start), {"cnnviz": cnnviz}) == turned
    split = [3] * 6
    long = cnnviz.spec("inception-bn", **{f"inception_{b}": split for b in ("3a", "3b", "4a")})
    assert file_name(long, start_of(long)) == "inception-bn_3-knobs-turned"


@pytest.mark.parametrize("name", PRESETS)
def test_json_comes_back_equal(tmp_path, name):
    file = cnnviz.export(name, tmp_path / "x.json")
    assert cnnviz.load(file) == PRESETS[name].spec
    assert start_of(cnnviz.load(file)).name == name


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"family": "lenet", "knobs": {"padding": 1, "activatoin": "relu"}}, ["activatoin"]),
        (
            {"family": "lenet", "knobs": {"padding": 1, "activation": "elu"}},
            ["padding is 1", "activation is 'elu'"],
        ),
        ({"family": "lenett", "knobs": {}}, ["lenett", "lenet"]),
        ({"family": "lenet", "knobs": {}, "version": VERSION + 1}, [f"version {VERSION + 1}"]),
        ({"knobs": {}}, ["x.json", "family"]),
        ([1], ["x.json"]),
        ("x" * 70_000, ["65,536 bytes"]),
    ],
)
def test_unreadable_json_says_all_that_is_wrong(tmp_path, content, words):
    file = tmp_path / "x.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises((cnnviz.SpecError, ExportError)) as caught:
        cnnviz.load(file)
    for word in words:
        assert word in str(caught.value)


def test_tables_hold_every_node_and_the_totals(tmp_path):
    report = cnnviz.analyze(cnnviz.spec("densenet-121"))
    nodes = fold(report, open_to_depth(report, 2)).nodes
    files = [
        cnnviz.export("densenet-121", tmp_path / f"t{ending}", table=True, depth=2)
        for ending in (".csv", ".md", ".xlsx", ".tex")
    ]
    with files[0].open(encoding="utf-8-sig", newline="") as stream:
        by_csv = list(csv.reader(stream))
    sheet = openpyxl.load_workbook(files[2]).active
    by_xlsx = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for rows in (by_csv, by_xlsx):
        assert [row[0] for row in rows[1:-1]] == [node.id for node in nodes]
        assert sum(int(row[4]) for row in rows[1:-1]) == int(rows[-1][4]) == report.params
        assert sum(int(row[6]) for row in rows[1:-1]) == int(rows[-1][6]) == report.macs
    by_md = files[1].read_text(encoding="utf-8").splitlines()
    assert len(by_md) == len(by_csv) + 1
    assert {line.count(" | ") for line in by_md} == {7}
    by_tex = files[3].read_text(encoding="utf-8")
    lines = [line for line in by_tex.splitlines() if line.endswith(r"\\")]
    assert len(lines) == len(by_csv)
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {7}
    assert by_tex.count("{") == by_tex.count("}")
    for rule in (r"\toprule", r"\bottomrule"):
        assert by_tex.count(rule) == 1


def test_no_name_is_a_formula_to_a_spreadsheet(tmp_path):
    module = nn.Sequential()
    for name in ("=HYPERLINK(1)", "@SUM(1)", "+1+cmd", "－1+1"):
        module.add_module(name, nn.Conv2d(3, 3, 1))
    frame = table.rows(cnnviz.analyze(module, input_shape=(1, 3, 8, 8)), Style(depth=99))
    by_csv = table.write(frame, ".csv", "own").decode("utf-8-sig")
    names = [row[0] for row in csv.reader(by_csv.splitlines())][1:-1]
    assert names == ["'=HYPERLINK(1)", "'@SUM(1)", "'+1+cmd", "'－1+1"]
    (tmp_path / "own.xlsx").write_bytes(table.write(frame, ".xlsx", "own"))
    sheet = openpyxl.load_workbook(tmp_path / "own.xlsx").active
    assert [(cell.value, cell.data_type) for cell in sheet["A"]][1] == ("=HYPERLINK(1)", "s")


def test_a_table_leaves_the_page_its_own():
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    shared = shape_rows(report, fold(report), "macs", "en")
    before = shared.copy()
    assert len(table.rows(report, Style())) == len(before) + 1
    assert shape_rows(report, fold(report), "macs", "en").equals(before)


def test_pictures(tmp_path):
    words = {"en": ["convolution", "7.98 M parameters"], "zh": ["卷积", "参数量 7.98 M"]}
    for language, theme, ground in (("en", "light", "#ffffff"), ("zh", "dark", "#0e1117")):
        style = {"language": language, "theme": theme}
        file = cnnviz.export("densenet-121", tmp_path / "x.svg", width=900, **style)
        svg = ElementTree.parse(file).getroot()
        texts = " ".join(svg.itertext())
        assert svg.get("width") == "900"
        assert ground in ElementTree.tostring(svg, encoding="unicode")
        for word in ["densenet-121", *words[language]]:
            assert word in texts
        with Image.open(
            cnnviz.export("densenet-121", tmp_path / "x.png", width=900, **style)
        ) as png:
            assert abs(png.width - 900) <= 1
            assert png.getpixel((2, 2))[:3] == ((14, 17, 23) if theme == "dark" else (255,) * 3)
        pdf = cnnviz.export("densenet-121", tmp_path / "x.pdf", **style).read_bytes()
        assert pdf.startswith(b"%PDF")
    drawn = cnnviz.export("densenet-121", tmp_path / "x.svg", colour_by="macs").read_text()
    report = cnnviz.analyze(cnnviz.spec("densenet-121"))
    for fill, _, label in Colouring(report, fold(report), "macs").legend("en"):
        assert fill.colour.lower() in drawn.lower()
        assert label.en in drawn
    with pytest.raises(ExportError, match="colour_by is mac; there are kind"):
        cnnviz.export("densenet-121", tmp_path / "x.svg", colour_by="mac")
    bare = cnnviz.export("densenet-121", tmp_path / "x.svg", legend=False).read_text()
    assert "parameters" not in bare


def test_a_picture_that_a_png_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ExportError, match=r"\.svg or \.pdf"):
        cnnviz.export("densenet-201", tmp_path / "x.png", depth=99, width=3000)


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_tikz_draws_every_node_and_edge(tmp_path, depth, language):
    file = cnnviz.export("googlenet", tmp_path / "x.tex", depth=depth, language=language)
    text = file.read_text(encoding="utf-8")
    report = cnnviz.analyze(cnnviz.spec("googlenet"))
    opened = open_to_depth(report, depth)
    graph = fold(report, opened)
    nodes = re.findall(r"^\\node\[op, .*\] \(n\d+\) at \([-\d.]+,[-\d.]+\) \{.+\};$", text, re.M)
    assert len(nodes) == len(graph.nodes) + 1
    point = r"\([-\d.]+,[-\d.]+\)"
    curve = rf"( \.\. controls {point} and {point} \.\. {point})+"
    arrows = len(re.findall(rf"^\\draw\[flow\] {point}{curve} -- {point};$", text, re.M))
    joined = len(re.findall(rf"^\\draw\[draw=line\] {point}{curve};$", text, re.M))
    assert text.count(r"\draw[") == arrows + joined + text.count(r"\draw[frame]")
    assert arrows >= len({target for _, target in graph.edges})
    assert depth > 1 or arrows == len(graph.edges)
    assert text.count(r"\draw[frame]") == len(
        {scope for node in graph.nodes for scope in node.path}
    )
    defined = set(re.findall(r"\\definecolor\{([\w-]+)\}", text))
    assert set(re.findall(r"(?:fill|text)=([\w-]+)", text)) <= defined
    assert text.count("{") == text.count("}")
    for part, times in (("document", 1), ("tikzpicture", 2)):
        assert text.count(rf"\begin{{{part}}}") == text.count(rf"\end{{{part}}}") == times
    assert "% inception_3a: 256×28×28" in text  # the stacked maps
    assert (r"\usepackage{ctex}" in text) is (language == "zh")


def test_wrong_commands_are_sentences_and_write_nothing(tmp_path, capsys):
    good = str(tmp_path / "x.json")
    for arguments, words in (
        (["-o", good, "--table", str(tmp_path / "x.py")], [".py is no ending", *(".csv", ".tex")]),
        (["-o", str(tmp_path / "x.foo")], [".foo is no ending", *ENDINGS]),
        (["-o", str(tmp_path / "x")], ["without ending"]),
        (["-o", good, "--theme", "blue", "--width", "5"], ["light, dark", "100 to 8000"]),
        ([], ["-o FILE"]),
        (["-o", str(tmp_path / "x.tex"), "--table", str(tmp_path / "x.tex")], ["another name"]),
    ):
        assert main(["export", "lenet", *arguments]) == 2
        message = capsys.readouterr().err
        for word in words:
            assert word in message
    assert not list(tmp_path.iterdir())


def test_names_of_ones_own_are_literal(tmp_path):
    module = nn.Sequential()
    names = ["<start>", "end\\", "cluster_a", "a|b", "[a](b)", "*c*", "a&b_%"]
    for name in names:
        module.add_module(name, nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()))
    shape = (1, 3, 8, 8)
    for depth in (1, 99):
        for ending in (".svg", ".tex"):
            cnnviz.export(module, tmp_path / f"x{ending}", input_shape=shape, depth=depth)
        drawing = (tmp_path / "x.tex").read_text(encoding="utf-8")
        assert drawing.count(r"\node[op") == 1 + len(names) * min(depth, 2)
        assert drawing.count(r"\draw[frame]") == (len(names) if depth > 1 else 0)
        for text in (r"\textless{}start\textgreater{}", r"cluster\_\allowbreak{}a", r"a\&b"):
            assert text in drawing.split(r"\end{tikzpicture}")[0]
        assert r"a\&b" in drawing.split(r"\end{tikzpicture}")[1]
    by_md = cnnviz.export(module, tmp_path / "x.md", input_shape=shape).read_text()
    for text in (r"\<start\>", r"| end\\ |", r"a\|b", r"\[a\](b)", r"\*c\*"):
        assert text in by_md
    by_tex = cnnviz.export(module, tmp_path / "t.tex", table=True, input_shape=shape).read_text()
    # what begins a row is no option of the \\ before it
    assert not re.search(r"^\s*[\[*]", by_tex, re.M)


def test_a_long_name_is_not_the_width_of_a_picture(tmp_path):
    blocks = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
    knobs = {f"inception_{block}": [64] * 6 for block in blocks}
    wide = [
        float(ElementTree.parse(file).getroot().get("viewBox").split()[2])
        for file in (
            cnnviz.export("googlenet", tmp_path / "a.svg"),
            cnnviz.export(cnnviz.spec("googlenet", **knobs), tmp_path / "b.svg"),
        )
    ]
    assert wide[1] < 1.6 * wide[0]


def test_a_module_of_ones_own(tmp_path):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten())
    shape = (1, 3, 8, 8)
    file = cnnviz.export(module, tmp_path / "x.svg", input_shape=shape)
    assert "Sequential" in file.read_text(encoding="utf-8")
    with pytest.raises(ExportError, match="zoo alone"):
        cnnviz.export(module, tmp_path / "x.py", input_shape=shape)
