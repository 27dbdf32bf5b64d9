"""Inception-v4 and Inception-ResNet: their sizes, blocks and formulas, written out."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.knobs import SpecError
from cnnviz.render.kinds import op_text
from cnnviz.zoo.inception_parts import Branches, chain, flat_and_tall, reduction_a, tall_and_flat

V4, RESNET = "inception-v4", "inception-resnet-v2"
STAGES = ("inception_a", "inception_b", "inception_c")


def ops(spec, operation):
    return [layer for layer in cnnviz.analyze(spec).layers if layer.operation == operation]


def stage_shapes(spec):
    """(channels, pixels a side) that leave the three stages and the stem."""
    model, x, shapes = build_on_meta(spec).eval(), torch.empty(spec.input_shape, device="meta"), {}
    for name, part in model.named_children():
        x = part(x)
        shapes[name] = tuple(x.shape[1:3])
    return [shapes[name] for name in ("stem", *STAGES)]


def test_sizes_and_channels_of_the_stages():
    assert stage_shapes(cnnviz.spec(V4)) == [(384, 35), (384, 35), (1024, 17), (1536, 8)]
    assert stage_shapes(cnnviz.spec(RESNET)) == [(320, 35), (320, 35), (1088, 17), (2080, 8)]
    paper = cnnviz.spec(RESNET, stem="inception-v4", depths=(5, 10, 5))
    assert stage_shapes(paper) == [(384, 35), (384, 35), (1152, 17), (2144, 8)]


@pytest.mark.parametrize(
    ("name", "knobs"), [(V4, {}), (RESNET, {}), (RESNET, {"stem": "inception-v4"})]
)
def test_one_pixel_less_than_the_smallest_image_does_not_build(name, knobs):
    spec = cnnviz.spec(name, image_size=75, depths=(1, 1, 1), **knobs)
    assert stage_shapes(spec)[-1][1] == 1
    with pytest.raises(SpecError, match=r"74 px.*at least 75 px"):
        spec.turn(image_size=74)
    with pytest.raises(RuntimeError):
        build_on_meta(spec)(torch.empty(1, 3, 74, 74, device="meta"))


def test_depth():
    """Stem 9, 3 a block A, 3, 5 a block B, 4, 4 a block C, classifier; 7×7 in one piece is less."""
    assert cnnviz.analyze(cnnviz.spec(V4)).depth == 9 + 3 * 4 + 3 + 5 * 7 + 4 + 4 * 3 + 1
    whole = cnnviz.analyze(cnnviz.spec(V4, factorised=False))
    assert whole.depth == 8 + 3 * 4 + 3 + 3 * 7 + 3 + 3 * 3 + 1


def kernels(module):
    return {x.kernel_size for x in module.modules() if isinstance(x, nn.Conv2d)}


@pytest.mark.parametrize("name", [V4, RESNET])
def test_factorised(name):
    pairs, whole = (build_on_meta(cnnviz.spec(name, factorised=on)) for on in (True, False))
    assert kernels(pairs.inception_b) == {(1, 1), (1, 7), (7, 1)}
    assert kernels(whole.inception_b) == {(1, 1), (7, 7)}
    assert (7, 7) not in kernels(pairs)
    assert not {(1, 7), (7, 1)} & kernels(whole)
    assert (3, 3) not in kernels(pairs.inception_c)
    assert (3, 3) in kernels(whole.inception_c)


@pytest.mark.parametrize("pair", [flat_and_tall, tall_and_flat])
def test_a_pair_has_the_window_of_the_square(pair):
    """1×7 and 7×1, of one channel and without signs, are the 7×7 that is their outer product."""
    torch.manual_seed(0)
    two = chain(1, *pair(7, 1, 1, factorised=True)).eval()
    one = chain(1, *pair(7, 1, 1, factorised=False)).eval()
    for conv in (two.conv1.conv, two.conv2.conv):
        nn.init.uniform_(conv.weight)
    x = torch.rand(2, 1, 9, 11)
    one.conv1.conv.weight.data = two.conv1.conv.weight.data * two.conv2.conv.weight.data
    torch.testing.assert_close(two(x), one(x), rtol=1e-4, atol=1e-4)


def test_parameters_of_reduction_a():
    """Weights of the four convolutions, and a scale and a shift for each channel."""
    k, l, m, n = 3, 5, 7, 11  # noqa: E741
    block = reduction_a(13, (k, l, m, n))
    weights = 13 * n * 9 + 13 * k + k * l * 9 + l * m * 9
    assert sum(p.numel() for p in block.parameters()) == weights + 2 * (k + l + m + n)
    assert block(torch.zeros(2, 13, 17, 17)).shape == (2, 13 + n + m, 8, 8)
    assert block.out_channels == 13 + n + m


def test_branches_are_joined_in_order():
    x = torch.rand(2, 3, 4, 4)
    joined = Branches(nn.Identity(), nn.MaxPool2d(3, stride=1, padding=1))(x)
    torch.testing.assert_close(joined, torch.cat([x, F.max_pool2d(x, 3, 1, 1)], dim=1))


def test_a_scaled_residual_follows_its_formula():
    torch.manual_seed(0)
    spec = cnnviz.spec(RESNET, depths=(1, 1, 1), scale_a=0.25)
    block = spec.build().inception_a.block1.eval()
    x = torch.randn(1, 320, 5, 5)
    maps = torch.cat([branch(x) for branch in block.branches.children()], dim=1)
    assert maps.shape[1] == 32 + 32 + 64
    added = F.conv2d(maps, block.project.weight, block.project.bias)
    torch.testing.assert_close(block(x), F.relu(x + added / 4))
    plain = spec.turn(residual=False).build().inception_a.block1.eval()
    plain.load_state_dict(block.state_dict())
    torch.testing.assert_close(plain(x), F.relu(added))


def test_the_last_block_of_inception_resnet_is_not_scaled_and_linear():
    torch.manual_seed(0)
    stage = cnnviz.spec(RESNET, depths=(1, 1, 2)).build().inception_c.eval()
    x = torch.randn(1, 2080, 2, 2)
    first, last = stage.children()
    y, z = (block.project(block.branches(x)) for block in (first, last))
    torch.testing.assert_close(first(x), F.relu(x + 0.2 * y))
    torch.testing.assert_close(last(x), x + z)


def test_residual_connections_are_in_inception_resnet_alone():
    assert not ops(cnnviz.spec(V4), "add")
    spec = cnnviz.spec(RESNET)
    assert len(ops(spec, "add")) == 10 + 20 + 10
    plain = spec.turn(residual=False)
    assert not ops(plain, "add") + ops(plain, "mul")
    on, off = cnnviz.analyze(spec), cnnviz.analyze(plain)
    assert (on.params, on.macs, on.depth) == (off.params, off.macs, off.depth)


def test_the_scale_of_a_residual_is_shown():
    scaled = ops(cnnviz.spec(RESNET), "mul")
    factors = [dict(layer.attributes)["factor"] for layer in scaled]
    assert factors == [0.17] * 10 + [0.1] * 20 + [0.2] * 9 + [1.0]
    assert op_text(scaled[0], "en") == "multiply 0.17"


def test_blocks_fit_together_with_any_reduction():
    for name in (V4, RESNET):
        model = build_on_meta(cnnviz.spec(name, reduction_a=(1, 2, 3, 5), depths=(2, 2, 2)))
        first = model.reduction_a.out_channels
        assert first == {V4: 384, RESNET: 320}[name] + 3 + 5
        out = model.inception_b(torch.empty(1, first, 4, 4, device="meta"))
        assert out.shape[1] == {V4: 1024, RESNET: first}[name]


@pytest.mark.parametrize("name", [V4, RESNET])
def test_dropout_is_the_knob(name):
    assert build_on_meta(cnnviz.spec(name)).head.dropout.p == 0.2
    assert not hasattr(build_on_meta(cnnviz.spec(name, dropout=0.0)).head, "dropout")


@pytest.mark.parametrize("name", [V4, RESNET])
def test_cost_grows_with_every_block(name):
    costs = [
        cnnviz.analyze(cnnviz.spec(name, depths=depths)).macs
        for depths in ((1, 1, 1), (2, 1, 1), (2, 2, 1), (2, 2, 2))
    ]
    assert all(less < more for less, more in pairwise(costs))
