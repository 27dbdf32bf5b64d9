"""Files of a network: what they hold is the network, whoever reads them."""

import ast
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
from cnnviz.exports.block import block_listing
from cnnviz.exports.code import listing
from cnnviz.exports.elsewhere import TWINS, twin
from cnnviz.exports.errors import ExportError
from cnnviz.exports.files import ENDINGS
from cnnviz.exports.names import file_name, python, start_of
from cnnviz.exports.style import Style
from cnnviz.render.colouring import Colouring
from cnnviz.render.shape_table import shape_rows
from cnnviz.settings import VERSION
from cnnviz.zoo import FAMILIES, PRESETS

# Beside torch, a listing imports at most these.
PLAIN = {"torch", "math", "collections", "functools", "dataclasses", "typing"}
FIRST = {family.presets[0].name for family in FAMILIES.values()}
ONE_OF_EACH = [
    pytest.param(PRESETS[name], id=name, marks=() if name in FIRST else pytest.mark.sweep)
    for name in PRESETS
]


def run(source, name="listing"):
    found = {"__name__": name}
    exec(compile(source, name, "exec", dont_inherit=True), found)
    return found


@pytest.fixture(autouse=True)
def no_initialisation(monkeypatch):
    """Weights are filled below, all of them; torch's own ways take many times as long."""
    for name in ("kaiming_uniform_", "uniform_"):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)


def same_output(one, other, shape):
    """Whether two networks give the same bits, the weights of the first copied to the other."""
    with torch.no_grad():
        for name, weight in one.named_parameters():
            if weight.dim() > 1:  # signals keep their scale
                bound = (6 / weight[0].numel()) ** 0.5
                weight.uniform_(-bound, bound)
            else:
                weight.uniform_(-0.1, 0.1).add_(0 if name.endswith("bias") else 1)
    assert [(name, weight.shape) for name, weight in one.state_dict().items()] == [
        (name, weight.shape) for name, weight in other.state_dict().items()
    ]
    other.load_state_dict(one.state_dict())
    with torch.no_grad():
        image = torch.randn(shape)
        outputs = [network.eval()(image) for network in (one, other)]
    pairs = zip(*outputs, strict=True) if isinstance(outputs[0], tuple) else [outputs]
    return all(torch.equal(*pair) for pair in pairs)


@pytest.mark.parametrize("preset", ONE_OF_EACH)
def test_code_is_the_network(preset):
    source = listing(preset.spec, preset.name)
    built = run(source)["build"]()
    report = cnnviz.analyze(preset.spec)
    assert same_output(preset.spec.build(), built, preset.spec.input_shape)
    again = cnnviz.analyze(built, preset.spec.input_shape)
    assert (again.params, again.macs) == (report.params, report.macs)
    assert f"{report.params:,} parameters" in source
    assert max(map(len, source.splitlines())) <= 100


@pytest.mark.parametrize("name", PRESETS)
def test_code_stands_alone(name):
    source = listing(PRESETS[name].spec, name)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= PLAIN
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in PLAIN
    assert "Text(" not in source
    assert "noqa" not in source


def test_code_has_the_blocks_it_uses_and_no_others():
    basic = listing(cnnviz.spec("resnet-18"), "resnet-18")
    assert "def basic(" in basic
    blocks = ("def bottleneck(", "class ZeroPad", "class SqueezeExcite", "class PlainBlock")
    for unused in (*blocks, "spec.block"):
        assert unused not in basic
    assert "class SqueezeExcite" in listing(cnnviz.spec("se-resnet-50"), "se-resnet-50")
    plain = listing(cnnviz.spec("plain-20"), "plain-20")
    assert "class PlainBlock" in plain
    assert " pass\n" not in plain
    assert "class SeparableConv" in listing(cnnviz.spec("xception"), "x")
    assert "class SeparableConv" not in listing(cnnviz.spec("xception", separable=False), "x")


def test_code_takes_other_numbers():
    built = run(listing(cnnviz.spec("densenet-121"), "densenet-121"))["build"]
    turned = cnnviz.spec("densenet-121", growth_rate=12, depths=(2, 3), num_classes=7)
    other = built(growth_rate=12, depths=(2, 3), num_classes=7)
    assert same_output(turned.build(), other, (1, 3, 64, 64))


TURNED = [
    ("resnet", {"block": "basic", "order": "pre-activation", "shortcut": "projection-all"}),
    ("resnet", {"residual": False, "normalisation": "group", "depths": (1, 1), "reduction": 8}),
    ("resnet", {"block": "basic", "widening": 3, "order": "pre-activation", "depths": (2, 1)}),
    ("resnet", {"order": "norm-after-add", "depths": (1, 2), "normalisation": "none"}),
    ("googlenet", {"module": "naive", "auxiliary_heads": True, "batch_norm": True}),
    ("inception-v3", {"factorise_7x7": False, "expand_3x3": False, "depths": (1, 1, 1)}),
    ("inception-v4", {"factorised": False, "depths": (1, 1, 1)}),
    ("inception-resnet", {"stem": "inception-v4", "residual": False, "depths": (1, 1, 1)}),
    ("inception-bn", {"third_branch": "5x5", "pooling": "max", "batch_norm": False}),
    ("xception", {"separable": False, "residual": False, "middle_blocks": 1}),
    ("xception", {"between": "elu", "middle_blocks": 1}),
    ("mobilenet", {"separable": False, "activation": "relu6", "width_multiplier": 0.35}),
    ("mobilenet-v2", {"residual": False, "linear_bottleneck": False, "width_multiplier": 0.5}),
    ("shufflenet", {"groups": 8, "shuffle": False, "width_multiplier": 0.5}),
    ("shufflenet-v2", {"shuffle": False}),
    ("squeezenet", {"bypass": "complex", "pooling": "early", "stem_kernel": 5, "modules": 3}),
    ("squeezenet", {"bypass": "simple", "share_3x3": 0.25, "dropout": 0.0}),
    ("mobilenet-v3", {"gates": "all", "kernel": "5x5", "hard_swish": "all", "dropout": 0.0}),
    ("mobilenet-v3", {"size": "small", "hard_swish": "none", "efficient_head": False}),
    ("efficientnet-v2", {"fused_stages": 1, "depths": (1, 2, 1, 1, 1, 1), "image_size": 32}),
    ("efficientnet", {"compound": 1.0, "reduction": 0, "activation": "relu", "image_size": 32}),
    ("convnext", {"depths": (1, 2, 1, 1), "layer_scale": False, "stochastic_depth": 0.0}),
    ("convnext", {"stem": "resnet", "downsampling": "block", "few_norms": False, "kernel": 3}),
    ("convnext", {"normalisation": "batch", "few_activations": False, "activation": "relu"}),
    ("regnet", {"depth": 9, "squeeze_excite": True, "slope": 40.0, "group_width": 24}),
    ("vgg", {"head": "average", "last_1x1": True, "batch_norm": True, "kernel": "5x5"}),
    ("nin", {"head": "fc", "pointwise": 0, "dropout": 0.0}),
    ("alexnet", {"overlapping_pooling": False, "adaptive_pooling": True, "hidden_features": 64}),
    ("lenet", {"pooling": "max", "batch_norm": True, "output": "linear", "padding": 2}),
    ("densenet", {"stem": "cifar", "conv_bias": True, "depths": (2, 2), "image_size": 32}),
]


@pytest.mark.parametrize(("name", "knobs"), TURNED)
def test_code_of_what_is_turned(name, knobs):
    spec = cnnviz.spec(name, **knobs)
    built = run(listing(spec, name))["build"]()
    assert [(key, value.shape) for key, value in built.state_dict().items()] == [
        (key, value.shape) for key, value in spec.build().state_dict().items()
    ]
    report = cnnviz.analyze(spec)
    again = cnnviz.analyze(built, spec.input_shape)
    ops = [[(row.operation, row.attributes) for row in one.layers] for one in (report, again)]
    assert ops[0] == ops[1]


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("resnet-18", "stem"),
        ("inception-v4", "inception_a.block1.branch4"),
        ("inception-v3", "reduction1"),
        ("googlenet", "inception_3a.branch4"),
        ("lenet-d2l", "S2"),
        ("shufflenet-v1-g3", "stage2.unit1.body"),
        ("alexnet-2012", "F7"),
    ],
)
def test_code_of_a_block_alone(name, scope):
    spec = cnnviz.spec(name)
    module = spec.build().get_submodule(scope)
    built = run(block_listing(spec, scope))[scope.rpartition(".")[2]]
    channels = next((weight.shape[1] for weight in module.parameters() if weight.dim() > 1), 6)
    shape = (2, channels) if scope == "F7" else (2, channels, 14, 14)
    assert same_output(module, built, shape)


@pytest.mark.sweep
@pytest.mark.parametrize("name", sorted(FIRST))
def test_code_of_every_outer_block(name):
    spec = cnnviz.spec(name)
    report = cnnviz.analyze(spec)
    for node in fold(report, open_to_depth(report, 2)).nodes:
        source = block_listing(spec, node.id)
        run(source)
        assert source.startswith(f"# {node.id}")


# What torchvision and timm publish of their weights.
PUBLISHED = {
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
    "alexnet": 61_100_840,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "wide_resnet50_2": 68_883_240,
    "wide_resnet101_2": 126_886_696,
    "resnext50_32x4d": 25_028_904,
    "resnext101_32x8d": 88_791_336,
    "seresnet50": 28_088_024,
    "seresnext50_32x4d": 27_559_896,
    "resnetv2_50": 25_549_352,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "inception_v4": 42_679_816,
    "inception_resnet_v2": 55_843_464,
    "legacy_xception": 22_855_952,
    "mobilenetv1_100": 4_231_976,
    "mobilenet_v2": 3_504_872,
    "convnext_tiny": 28_589_128,
    "convnext_small": 50_223_688,
    "convnext_base": 88_591_464,
    "convnext_large": 197_767_336,
    "regnet_x_400mf": 5_495_976,
    "regnet_x_800mf": 7_259_656,
    "regnet_x_1_6gf": 9_190_136,
    "regnet_x_3_2gf": 15_296_552,
    "regnet_x_8gf": 39_572_648,
    "regnet_x_16gf": 54_278_536,
    "regnet_x_32gf": 107_811_560,
    "regnet_y_400mf": 4_344_144,
    "regnet_y_800mf": 6_432_512,
    "regnet_y_1_6gf": 11_202_430,
    "regnet_y_3_2gf": 19_436_338,
    "regnet_y_8gf": 39_381_472,
    "regnet_y_16gf": 83_590_140,
    "regnet_y_32gf": 145_046_770,
    "shufflenet_v2_x0_5": 1_366_792,
    "shufflenet_v2_x1_0": 2_278_604,
    "shufflenet_v2_x1_5": 3_503_624,
    "shufflenet_v2_x2_0": 7_393_996,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
    "mobilenet_v3_large": 5_483_032,
    "mobilenet_v3_small": 2_542_856,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "efficientnet_v2_s": 21_458_488,
}


@pytest.mark.parametrize("found", TWINS, ids=lambda found: f"{found.name}-{found.preset}")
def test_twins_have_as_many_weights(found):
    spec = cnnviz.spec(found.preset, **found.turned)
    assert twin(spec) == found
    assert twin(spec.turn(num_classes=10)) == found
    # with both heads; without the second it has fewer, as in torchvision with aux_logits=False
    published = {"inception-v3": 23_834_568, "inception-v3-auxiliary": 27_161_264}
    expected = published.get(found.preset) or PUBLISHED[found.name]
    assert cnnviz.analyze(spec).params == expected


def test_a_turned_network_has_no_twin():
    assert twin(cnnviz.spec("densenet-121", growth_rate=12)) is None
    assert "num_classes=10" in twin(cnnviz.spec("vgg-d")).code(10)


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


def test_command(tmp_path, capsys):
    file, shapes = tmp_path / "lenet.py", tmp_path / "lenet.tex"
    command = ["export", "lenet", "--set", "padding=2", "image_size=28"]
    assert main([*command, "-o", str(file), "--table", str(shapes)]) == 0
    assert capsys.readouterr().out.split() == [str(file), str(shapes)]
    spec = cnnviz.spec("lenet", padding=2, image_size=28)
    built = run(file.read_text(encoding="utf-8"))["build"]()
    assert same_output(spec.build(), built, spec.input_shape)
    assert r"\toprule" in shapes.read_text(encoding="utf-8")


def test_wrong_commands_are_sentences_and_write_nothing(tmp_path, capsys):
    good = str(tmp_path / "x.json")
    for arguments, words in (
        (["-o", good, "--table", str(tmp_path / "x.py")], [".py is no ending", *(".csv", ".tex")]),
        (["-o", str(tmp_path / "x.foo")], [".foo is no ending", *ENDINGS]),
        (["-o", str(tmp_path / "x")], ["without ending"]),
        (["-o", good, "--theme", "blue", "--width", "5"], ["light, dark", "100 to 8000"]),
        ([], ["-o FILE"]),
    ):
        assert main(["export", "lenet", *arguments]) == 2
        message = capsys.readouterr().err
        for word in words:
            assert word in message
    assert not list(tmp_path.iterdir())


def test_a_module_of_ones_own(tmp_path):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten())
    shape = (1, 3, 8, 8)
    file = cnnviz.export(module, tmp_path / "x.svg", input_shape=shape)
    assert "Sequential" in file.read_text(encoding="utf-8")
    with pytest.raises(ExportError, match="zoo alone"):
        cnnviz.export(module, tmp_path / "x.py", input_shape=shape)
