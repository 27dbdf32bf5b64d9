"""AlexNet, VGG and NiN against explicit formulas, and what they refuse."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.graph import find, fold
from cnnviz.knobs import SpecError
from cnnviz.render.explain import explain
from cnnviz.render.kinds import op_text
from cnnviz.render.labels import node_text
from cnnviz.zoo.blocks import local_response_norm, output_size


def params_by_part(spec):
    return {node.id: node.params for node in fold(cnnviz.analyze(spec)).nodes if node.params}


def weights(spec):
    """Elements of all convolution kernels, biases aside."""
    module = build_on_meta(spec)
    return sum(x.weight.numel() for x in module.modules() if isinstance(x, nn.Conv2d))


def unchecked(spec, **knobs):
    """The spec with values that its checks would refuse."""
    copy = object.__new__(type(spec))
    for name, value in {**spec.values, **knobs}.items():
        object.__setattr__(copy, name, value)
    return copy


def test_local_response_norm_is_the_papers():
    """b_i = a_i / (k + α Σ_j a_j²)^β over the n = 5 maps around i that exist; section 3.3."""
    torch.manual_seed(0)
    a = 30 * torch.randn(2, 7, 3, 3)
    b = torch.empty_like(a)
    for i in range(7):
        around = range(max(0, i - 2), min(6, i + 2) + 1)
        total = sum(a[:, j] ** 2 for j in around)
        b[:, i] = a[:, i] / (2 + 1e-4 * total) ** 0.75
    torch.testing.assert_close(local_response_norm()(a), b)


def test_alexnet_layer_by_layer():
    """C2 = 256·(5·5·48 + 1): 48 channels are half of C1. The course's total lacks C1's biases."""
    found = params_by_part(cnnviz.spec("alexnet-2012"))
    assert found == {
        "C1": 96 * (11 * 11 * 3 + 1),
        "C2": 256 * (5 * 5 * 48 + 1),
        "C3": 384 * (3 * 3 * 256 + 1),
        "C4": 384 * (3 * 3 * 192 + 1),
        "C5": 256 * (3 * 3 * 192 + 1),
        "F6": 4096 * (6 * 6 * 256 + 1),
        "F7": 4096 * (4096 + 1),
        "output": 1000 * (4096 + 1),
    }
    assert sum(found.values()) - 96 == 60_965_128


def test_two_towers_are_two_convolutions_side_by_side():
    torch.manual_seed(0)
    conv = cnnviz.spec("alexnet", hidden_features=1).build().C2.conv
    x = torch.randn(1, 96, 9, 9)
    halves = [
        F.conv2d(x[:, start : start + 48], weight, bias, padding=2)
        for start, weight, bias in zip(
            (0, 48), conv.weight.chunk(2), conv.bias.chunk(2), strict=True
        )
    ]
    torch.testing.assert_close(conv(x), torch.cat(halves, dim=1))
    one = cnnviz.spec("alexnet", towers=1).build()
    assert [layer.conv.groups for layer in (one.C1, one.C2, one.C3, one.C4, one.C5)] == [1] * 5


def test_an_odd_number_of_maps_makes_no_two_towers():
    with pytest.raises(SpecError, match=r"channels has 255.*Take 256, or one tower") as caught:
        cnnviz.spec("alexnet", channels=(96, 255, 384, 384, 256))
    assert [problem.knob for problem in caught.value.problems] == ["channels"]
    assert cnnviz.spec("alexnet", channels=(97, 255, 3, 5, 7), towers=1)


def test_the_depths_of_the_papers():
    names = ("alexnet-2012", *(f"vgg-{x}" for x in ("a", "a-lrn", "b", "c", "d", "e")), "nin-d2l")
    depths = [cnnviz.analyze(cnnviz.spec(name)).depth for name in names]
    assert depths == [8, 11, 11, 13, 16, 16, 19, 12]


SMALLEST = [
    ("alexnet-2012", {}, 67),  # (67 - 11) / 4 + 1 = 15, then 7, 3, 1
    ("alexnet-2012", {"first_padding": 5}, 57),
    ("alexnet-2012", {"overlapping_pooling": False}, 39),  # 8, 4, 2, 1
    ("alexnet-d2l", {}, 65),
    ("alexnet-torchvision", {}, 63),
    ("vgg-d", {}, 32),
    ("vgg-d", {"kernel": "7x7", "head": "average"}, 32),
    ("vgg-a", {"depths": (1,), "widths": (8,)}, 2),
    ("vgg-a", {"depths": (1,) * 8}, 256),
    ("nin-d2l", {}, 67),
    ("nin-d2l", {"head": "fc"}, 67),
]


@pytest.mark.parametrize(("name", "knobs", "smallest"), SMALLEST)
def test_the_smallest_image(name, knobs, smallest):
    """It builds and runs; a pixel less is refused, and would really fail."""
    spec = cnnviz.spec(name, image_size=smallest, **knobs)
    assert cnnviz.analyze(spec).output_shape == (1, spec.num_classes)
    with pytest.raises(SpecError, match=f"at least {smallest} px"):
        spec.turn(image_size=smallest - 1)
    with pytest.raises(RuntimeError):
        cnnviz.analyze(unchecked(spec, image_size=smallest - 1))


@pytest.mark.parametrize(("name", "last"), [("alexnet", "C5"), ("vgg", "block5")])
def test_the_fully_connected_head_is_sized_from_the_image(name, last):
    for size in (96, 127, 224, 256):
        report = cnnviz.analyze(cnnviz.spec(name, image_size=size))
        features = torch.Size(find(report, last).output_shape).numel()
        first = next(layer for layer in report.layers if layer.kind == "linear")
        assert first.params == 4096 * (features + 1)


def test_adaptive_pooling_frees_the_head_from_the_image():
    spec = cnnviz.spec("alexnet-torchvision")
    assert cnnviz.analyze(spec.turn(image_size=512)).params == cnnviz.analyze(spec).params
    pool = find(cnnviz.analyze(spec), "pool")
    assert op_text(pool, "en") == "avg pool to 6×6"
    assert "6×6" in explain(pool).en
    mean = find(cnnviz.analyze(cnnviz.spec("nin")), "head.pool")
    assert op_text(mean, "en") == "global avg pool"
    assert "whole map" in explain(mean).en


def test_overlapping_pooling():
    """55 -> 27 -> 13 -> 6 with 3×3 windows and with 2×2; only the window differs at 227 px."""
    for overlapping, kernel in ((True, (3, 3)), (False, (2, 2))):
        report = cnnviz.analyze(cnnviz.spec("alexnet", overlapping_pooling=overlapping))
        pools = [layer for layer in report.layers if layer.kind == "pooling"]
        assert [layer.output_shape[2] for layer in pools] == [27, 13, 6]
        assert {dict(layer.attributes)["kernel"] for layer in pools} == {kernel}


def test_output_size_is_that_of_a_convolution():
    for size in range(7, 20):
        for stride, padding in ((1, 0), (2, 0), (2, 3), (3, 1)):
            conv = nn.Conv2d(1, 1, 7, stride=stride, padding=padding, device="meta")
            made = conv(torch.empty(1, 1, size, size, device="meta")).shape[2]
            assert output_size(size, 7, stride=stride, padding=padding) == made


def test_three_3x3_against_one_7x7():
    """27C² against 49C², 55.1 %, and the same receptive field; two 3×3 and one 5×5: 18 and 25."""
    block = cnnviz.spec("vgg", in_channels=64, widths=(64,), depths=(3,))
    three, one = weights(block), weights(block.turn(depths=(1,), kernel="7x7"))
    assert (three, one) == (27 * 64**2, 49 * 64**2)
    assert round(three / one, 3) == 0.551
    two, one = weights(block.turn(depths=(2,))), weights(block.turn(depths=(1,), kernel="5x5"))
    assert (two, one) == (18 * 64**2, 25 * 64**2)


def test_configuration_c():
    """The last convolutions of the blocks 3 to 5 are 1×1, the others 3×3."""
    report = cnnviz.analyze(cnnviz.spec("vgg-c"))
    kernels = {x.name: dict(x.attributes)["kernel"] for x in report.layers if "conv" in x.name}
    small = [name for name, kernel in kernels.items() if kernel == (1, 1)]
    assert small == ["block3.conv3", "block4.conv3", "block5.conv3"]
    assert set(kernels.values()) == {(3, 3), (1, 1)}


def test_a_folded_block_says_how_many_convolutions_it_has():
    report = cnnviz.analyze(cnnviz.spec("vgg-a"))
    assert node_text(find(report, "block1"), report, "en") == "conv 3×3, max pool 2×2 /2"
    assert node_text(find(report, "block5"), report, "en") == "conv 3×3 ×2, max pool 2×2 /2"


def test_a_lrn_normalises_once_after_the_first_convolution():
    layers = cnnviz.analyze(cnnviz.spec("vgg-a-lrn")).layers
    assert [x.operation for x in layers[:4]] == [
        *("conv2d", "relu", "local_response_norm", "max_pool2d")
    ]
    assert [x.kind for x in layers].count("normalisation") == 1


@pytest.mark.parametrize(
    ("name", "params"),
    [("a", 132_868_840), ("b", 133_053_736), ("d", 138_365_992), ("e", 143_678_248)],
)
def test_vgg_with_batch_norm_is_torchvisions(name, params):
    assert cnnviz.analyze(cnnviz.spec(f"vgg-{name}", batch_norm=True)).params == params


def test_widths_go_on_with_the_last_and_are_never_left_over():
    short = cnnviz.spec("vgg", widths=(64, 128, 256, 512))
    assert params_by_part(short) == params_by_part(cnnviz.spec("vgg"))
    with pytest.raises(SpecError, match=r"5 numbers for 3 blocks.*last 2 away") as caught:
        cnnviz.spec("vgg", depths=(2, 2, 2))
    assert [problem.knob for problem in caught.value.problems] == ["widths"]
    three = cnnviz.spec("vgg", depths=(2, 2, 2), widths=(64, 128, 256))
    assert list(params_by_part(three)) == ["block1", "block2", "block3", "head"]


def test_a_pointwise_convolution_is_a_linear_layer_at_every_pixel():
    torch.manual_seed(0)
    conv = cnnviz.spec("nin").build().block1.pointwise1
    x = torch.randn(2, 96, 3, 4)
    pixels = F.linear(x.movedim(1, -1), conv.weight[:, :, 0, 0], conv.bias)
    torch.testing.assert_close(conv(x), pixels.movedim(-1, 1))


def test_nin_has_one_map_a_class_and_no_linear_layer():
    spec = cnnviz.spec("nin", num_classes=7)
    report = cnnviz.analyze(spec)
    assert "linear" not in [layer.kind for layer in report.layers]
    assert find(report, "block4").output_shape == (1, 7, 5, 5)
    torch.manual_seed(0)
    module = spec.build().eval()
    x = torch.randn(2, 1, 99, 99)
    maps = nn.Sequential(*list(module)[:-1])(x)
    torch.testing.assert_close(module(x), maps.mean(dim=(2, 3)))
    assert cnnviz.analyze(spec.turn(image_size=512)).params == report.params
    heavy = cnnviz.analyze(spec.turn(head="fc"))
    assert [layer.kind for layer in heavy.layers].count("linear") == 3
    assert heavy.params > 29 * report.params


@pytest.mark.parametrize("layers", range(4))
def test_pointwise_layers_of_nin(layers):
    assert cnnviz.analyze(cnnviz.spec("nin", pointwise=layers)).depth == 4 * (1 + layers)
