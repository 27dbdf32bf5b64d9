"""Code of a network: what it builds is the network, whole, turned, or a block of it."""

import ast
import builtins
import symtable

import pytest
import torch

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.exports.block import block_listing
from cnnviz.exports.code import listing
from cnnviz.exports.names import python, start_of, title
from cnnviz.zoo import FAMILIES, PRESETS

# Beside torch, a listing imports at most these.
PLAIN = {"torch", "math", "collections", "functools", "dataclasses", "typing"}
FIRST = {family.presets[0].name for family in FAMILIES.values()}


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
    assert not undefined(source)


def undefined(source):
    """The names that a file reads and nobody defines."""
    top = symtable.symtable(source, "listing", "exec")
    known = {one.get_name() for one in top.get_symbols() if one.is_assigned() or one.is_imported()}
    return _read(top) - known - {"__name__", *dir(builtins)}


def _read(table):
    own = {one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced()}
    return own.union(*map(_read, table.get_children()))


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


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "knobs"), TURNED)
def test_code_of_what_is_turned(name, knobs):
    spec = cnnviz.spec(name, **knobs)
    start = start_of(spec)
    assert eval(python(spec, start), {"cnnviz": cnnviz}) == spec
    source = listing(spec, title(spec, start))
    assert max(map(len, source.splitlines())) <= 100
    built = run(source)["build"]()
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


def test_command(tmp_path, capsys):
    file, shapes = tmp_path / "lenet.py", tmp_path / "lenet.tex"
    command = ["export", "lenet", "--set", "padding=2", "image_size=28"]
    assert main([*command, "-o", str(file), "--table", str(shapes)]) == 0
    assert capsys.readouterr().out.split() == [str(file), str(shapes)]
    spec = cnnviz.spec("lenet", padding=2, image_size=28)
    built = run(file.read_text(encoding="utf-8"))["build"]()
    assert same_output(spec.build(), built, spec.input_shape)
    assert r"\toprule" in shapes.read_text(encoding="utf-8")
