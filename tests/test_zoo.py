"""Every family against independent counts, both ends of every knob, and its own formulas."""

from collections import Counter

import pytest
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.graph import fold
from cnnviz.knobs import SpecError
from cnnviz.zoo import FAMILIES, PRESETS
from cnnviz.zoo.lenet import CONNECTIONS_C3, RBF, ConnectionTableConv, TrainableSubsampling

# Those whose smallest and largest are counted within seconds; the others' are left to the sweep.
SMALL = {"lenet", "alexnet", "nin", "vgg"}


def oracle(spec):
    """Parameters and MACs of the plainly built module, by torch's own counter."""
    with torch.device("meta"):
        module = spec.build().eval()
        x = torch.empty(spec.input_shape)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = tree_leaves(module(x))[0]
    params = sum(parameter.numel() for parameter in module.parameters())
    return params, counter.get_total_flops() // 2, tuple(output.shape)


def assert_exact(spec):
    report = cnnviz.analyze(spec)
    assert (report.params, report.macs, report.output_shape) == oracle(spec)
    assert sum(layer.params for layer in report.layers) == report.params
    assert sum(layer.macs for layer in report.layers) == report.macs
    assert not report.unknown


def buildable(spec, image_size):
    try:
        return spec.turn(image_size=image_size)
    except SpecError:
        return None


def cut(spec, knob, value):
    """The other tuples that may be shorter, at most as long as the knob's `value`."""
    if not isinstance(value, tuple):
        return {}
    others = [other for other in spec.knobs() if other.lengths[0] < other.lengths[1]]
    return {x.name: getattr(spec, x.name)[: len(value)] for x in others if x != knob}


def narrow(spec, knob):
    """The other numbers of channels, as small as they can be."""
    others = (x for x in spec.knobs() if x.smaller and x != knob)
    return {x.name: x.bounds[0] for x in others if isinstance(x.default, int)}


# what a knob needs beside it
NEEDS = {
    "widening": {"block": "basic", "group_width": 64},
    "norm_place": {"batch_norm": True},
}


def turned(spec, knob, value):
    """`spec` with the knob at `value`, on an image that both allow; None if there is none."""
    if knob.name == "image_size" and value == 1:
        value = next(size for size in range(1, 1025) if buildable(spec, size))
    for image_size in (spec.image_size, 64, 256, 1024):
        small = narrow(spec, knob)
        for others in ({}, cut(spec, knob, value), small, {**small, **NEEDS.get(knob.name, {})}):
            try:
                return spec.turn(**{"image_size": image_size, **others, knob.name: value})
            except SpecError:
                continue
    return None


def test_published_numbers(every_preset):
    report = cnnviz.analyze(every_preset.spec)
    assert report.params == every_preset.params
    assert every_preset.macs in (None, report.macs)
    assert report.flops == 2 * report.macs
    assert report.output_shape == (1, every_preset.spec.num_classes)


def test_counts_agree_with_torch(preset):
    assert_exact(preset.spec)


def test_counts_of_64_groups_agree_with_torch():
    assert_exact(PRESETS["resnext-101-64x4d"].spec)


@pytest.mark.parametrize(
    ("name", "knob"),
    [
        pytest.param(
            name, knob, id=f"{name}-{knob.name}", marks=() if name in SMALL else pytest.mark.sweep
        )
        for name, family in FAMILIES.items()
        for knob in family.spec.knobs()
    ],
)
def test_both_ends_of_every_knob(name, knob):
    spec = cnnviz.spec(name)
    counted = [turned(spec, knob, value) for value in knob.extremes]
    assert sum(end is not None for end in counted) > 1, "a knob whose ends cannot be built"
    for end in filter(None, counted):
        assert_exact(end)


@pytest.mark.sweep
def test_both_ends_of_every_knob_of_every_preset(every_preset):
    for knob in every_preset.spec.knobs():
        for value in knob.extremes:
            spec = turned(every_preset.spec, knob, value)
            if spec:
                assert_exact(spec)


def fingerprint(spec):
    """Everything that a knob could change: modules with their settings, and the ops."""
    module = build_on_meta(spec)
    return str(module), cnnviz.analyze(spec).layers


def test_no_knob_is_dead(family):
    spec = cnnviz.spec(family)
    for knob in spec.knobs():
        others = [turned(spec, knob, value) for value in knob.extremes if value != knob.default]
        assert any(fingerprint(other) != fingerprint(spec) for other in filter(None, others)), knob


def smallest_image(spec):
    """The spec on the smallest image (px a side) that it allows."""
    sizes = range(1, spec.knob("image_size").bounds[1] + 1)
    return next(filter(None, (buildable(spec, size) for size in sizes)))


def test_forward_and_backward_reach_every_parameter(preset):
    """On the smallest legal image; four of them, since two are always ±1 after batch norm."""
    spec = smallest_image(preset.spec)
    if any(knob.name == "stochastic_depth" for knob in spec.knobs()):
        spec = spec.turn(stochastic_depth=0.0)  # a block that is left out for all four has none
    torch.manual_seed(0)
    module = spec.build()
    outputs = tree_leaves(module(torch.randn(4, *spec.input_shape[1:])))
    sum(output.square().sum() for output in outputs).backward()
    for path, parameter in module.named_parameters():
        assert parameter.grad is not None, path
        assert torch.isfinite(parameter.grad).all(), path
        assert parameter.grad.abs().sum() > 0, path


def test_depth_is_what_the_names_say():
    depths = {name: cnnviz.analyze(preset.spec).depth for name, preset in PRESETS.items()}
    assert depths["lenet-5"] == 5
    for name in ("densenet-121", "densenet-169", "densenet-201", "densenet-161"):
        assert depths[name] == int(name[-3:])
    # 1 + 2·(6 + 12 + 64 + 48) + 3 + 1: the paper's name is one short of its own table
    assert depths["densenet-264"] == 265
    for name in ("40-k12", "100-k12", "100-k24", "bc-100-k12", "bc-250-k24", "bc-190-k40"):
        assert depths[f"densenet-{name}"] == int(name.removeprefix("bc-").split("-")[0])


def test_connections_of_lenet_5():
    """LeNet's count: every use of a weight and of a bias; 340,918 in the course and the paper."""
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    found = Counter()
    for layer in report.layers:
        found[layer.name.split(".")[0]] += layer.connections
    assert +found == {
        "C1": (5 * 5 + 1) * 28 * 28 * 6,
        "S2": (2 * 2 + 1) * 14 * 14 * 6,
        "C3": 1_516 * 10 * 10,
        "S4": (2 * 2 + 1) * 5 * 5 * 16,
        "C5": 48_120,
        "F6": 10_164,
        "output": 850,
    }
    assert report.connections == found.total() == 340_918


def test_parameters_of_lenet_5_by_layer():
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    graph = fold(report)
    found = {node.id: node.params for node in graph.nodes if node.params}
    assert list(found.values()) == [156, 12, 1_516, 32, 48_120, 10_164, 850]


def test_connection_table_is_that_of_the_paper():
    """Table I of 1998: a row for each map of S2, a column for each map of C3."""
    table = [
        "X...XXX..XXXX.XX",
        "XX...XXX..XXXX.X",
        "XXX...XXX..X.XXX",
        ".XXX..XXXX..X.XX",
        "..XXX..XXXX.XX.X",
        "...XXX..XXXX.XXX",
    ]
    columns = [
        tuple(source for source in range(6) if table[source][target] == "X") for target in range(16)
    ]
    assert [tuple(sorted(row)) for row in CONNECTIONS_C3] == columns


def test_connection_table_is_a_convolution_with_holes():
    torch.manual_seed(0)
    layer = ConnectionTableConv()
    dense = torch.zeros(16, 6, 5, 5)
    row = 0
    for fan_in in (3, 4, 6):
        for kernel in getattr(layer, f"from{fan_in}").weight:
            dense[row, list(CONNECTIONS_C3[row])] = kernel
            row += 1
    bias = torch.cat([getattr(layer, f"from{fan_in}").bias for fan_in in (3, 4, 6)])
    x = torch.randn(2, 6, 14, 14)
    torch.testing.assert_close(layer(x), F.conv2d(x, dense, bias))


def test_trainable_subsampling_follows_its_formula():
    layer = TrainableSubsampling(3)
    torch.nn.init.normal_(layer.weight)
    torch.nn.init.normal_(layer.bias)
    x = torch.randn(2, 3, 4, 4)
    window = x[:, 1, 2:4, 0:2].sum(dim=(1, 2))
    expected = layer.weight[1] * window + layer.bias[1]
    torch.testing.assert_close(layer(x)[:, 1, 1, 0], expected)


def test_rbf_follows_its_formula():
    layer = RBF(84, 10)
    torch.nn.init.normal_(layer.bias)
    assert set(layer.weight.detach().unique().tolist()) == {-1.0, 1.0}
    x = torch.randn(3, 84)
    for i in range(10):
        distance = sum((x[:, j] - layer.weight[i, j]) ** 2 for j in range(84)) + layer.bias[i]
        torch.testing.assert_close(layer(x)[:, i], -distance)


def test_dense_block_is_the_list_form_of_the_paper():
    """H_l reads [x₀, …, x_{l-1}]; the running concatenation gives the same block."""
    torch.manual_seed(0)
    block = cnnviz.spec("densenet-40-k12", depths=(4,)).build().block1.eval()
    x = torch.randn(1, 16, 8, 8)
    maps = [x]
    for layer in block:
        maps.append(layer(torch.cat(maps, dim=1)))
    torch.testing.assert_close(block(x), torch.cat(maps, dim=1))


def test_compression_floors_exactly():
    kept = cnnviz.spec("densenet", compression=0.29).kept
    assert [kept(100), kept(101), kept(99)] == [29, 29, 28]
