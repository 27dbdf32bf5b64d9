"""SqueezeNet: the fire module written out, its numbers from the paper's formulas, its images."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, relu

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.zoo.squeezenet import Fire


@torch.no_grad()
def test_a_fire_module_is_a_squeeze_and_two_joined_windows():
    block = Fire(6, 3, 4, 5, shortcut=None)
    x = torch.randn(2, 6, 5, 5)
    y = relu(conv2d(x, block.squeeze.weight, block.squeeze.bias))
    small = relu(conv2d(y, block.expand1x1.weight, block.expand1x1.bias))
    large = relu(conv2d(y, block.expand3x3.weight, block.expand3x3.bias, padding=1))
    torch.testing.assert_close(block(x), torch.cat([small, large], dim=1))
    weights = sum(p.numel() for p in block.parameters() if p.ndim == 4)
    assert weights == 6 * 3 + 3 * 4 + 9 * 3 * 5
    around = Fire(9, 3, 4, 5, shortcut=nn.Identity())
    plain = Fire(9, 3, 4, 5, shortcut=None)
    plain.load_state_dict(around.state_dict())
    x = torch.randn(2, 9, 5, 5)
    torch.testing.assert_close(around(x), plain(x) + x)


def test_the_modules_follow_the_papers_formulas():
    """Section 5.1: e_i = base_e + incr_e·⌊i/freq⌋, s_i = SR·e_i, of them pct₃ₓ₃ 3×3."""
    spec = cnnviz.spec("squeezenet", base_expand=64, more_expand=32, every=3, share_3x3=0.75)
    for i in range(8):
        filters = 64 + 32 * (i // 3)
        assert sum(spec.expand(i)) == filters
        assert spec.expand(i)[1] == round(0.75 * filters)
        assert spec.squeeze(i) == filters // 8
    least = cnnviz.spec("squeezenet", base_expand=8, share_3x3=0.05, squeeze_ratio=0.05)
    assert (least.expand(0), least.squeeze(0)) == ((7, 1), 1)


def shortcuts(bypass):
    network = cnnviz.spec("squeezenet", bypass=bypass).build()
    return {
        name: type(part.shortcut)
        for name, part in network.named_children()
        if isinstance(part, Fire) and part.shortcut is not None
    }


def test_bypasses_are_those_of_figure_2():
    simple = dict.fromkeys(("fire3", "fire5", "fire7", "fire9"), nn.Identity)
    assert shortcuts("none") == {}
    assert shortcuts("simple") == simple
    complex_ = dict.fromkeys(("fire2", "fire4", "fire6", "fire8"), nn.Conv2d)
    assert shortcuts("complex") == simple | complex_
    plain, around = (
        cnnviz.analyze(cnnviz.spec("squeezenet", bypass=bypass)) for bypass in ("none", "simple")
    )
    assert plain.params == around.params


def test_at_227_px_the_sizes_are_those_of_table_1():
    report = cnnviz.analyze(cnnviz.spec("squeezenet-1-0", image_size=227))
    sides = {layer.name: layer.output_shape[-1] for layer in report.layers}
    assert (sides["stem.conv"], sides["stem.pool"], sides["pool4"], sides["pool8"]) == (
        *(111, 55),
        *(27, 13),
    )


@pytest.mark.parametrize(
    ("name", "knobs", "smallest"),
    [
        ("squeezenet-1-0", {}, 21),
        ("squeezenet-1-1", {}, 17),
        ("squeezenet-1-0", {"modules": 2}, 9),
        ("squeezenet-1-0", {"modules": 3}, 13),
    ],
)
def test_the_smallest_image(name, knobs, smallest):
    spec = cnnviz.spec(name, image_size=smallest, **knobs)
    assert cnnviz.analyze(spec).output_shape == (1, 1000)
    with torch.device("meta"):
        assert spec.build()(torch.empty(1, 3, smallest, smallest)).shape == (1, 1000)
        with pytest.raises(RuntimeError):
            spec.build()(torch.empty(1, 3, smallest - 1, smallest - 1))
    with pytest.raises(SpecError, match=rf"needs at least {smallest} px"):
        spec.turn(image_size=smallest - 1)
