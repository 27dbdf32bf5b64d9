"""Receptive fields where maps are resized, turned and made into tokens, against gradients."""

import pytest
import torch
import torch.nn.functional as F
from test_receptive import Odd, conv, support
from torch import nn

import cnnviz
from cnnviz.analysis.receptive.field import No


def resize(mode, size=None, scale=None, corners=None):
    def function(x, a, b):
        y = F.interpolate(a(x), size=size, scale_factor=scale, mode=mode, align_corners=corners)
        return b(y)

    return Odd(function, conv(3), conv(3))


def channels_last(x, a, b):
    """As ConvNeXt: normalised and mixed over the channels, which come last."""
    y = F.layer_norm(a(x).permute(0, 2, 3, 1), (2,))
    y = (y @ torch.eye(2, dtype=y.dtype)).movedim(-1, 1)
    return b(y)


def tokens(x, a, b):
    """Flattened to a row of tokens, mixed each by itself, and back."""
    y = a(x)
    n, c, h, w = y.shape
    y = F.linear(y.flatten(2).transpose(1, 2), torch.ones(2, 2, dtype=y.dtype))
    return b(y.reshape(n, h, w, c).permute(0, 3, 1, 2))


def u_net(x, a, b):
    y = F.avg_pool2d(a(x), 2)
    y = F.interpolate(b(y), scale_factor=2, mode="bilinear", align_corners=False)
    return torch.cat([y, x[..., : y.shape[2], : y.shape[3]]], 1)


MODULES = [
    resize("nearest", scale=2),
    resize("nearest", scale=(3, 1)),
    resize("nearest", size=(14, 36)),
    resize("nearest-exact", size=(20, 15)),
    resize("bilinear", scale=2, corners=False),
    resize("bilinear", scale=0.5, corners=False),
    resize("bilinear", size=(42, 20), corners=False),
    resize("bilinear", size=(55, 47), corners=True),
    resize("bicubic", scale=2, corners=False),
    resize("area", size=(7, 8)),
    Odd(lambda x, a: a(F.pixel_shuffle(x.repeat(1, 2, 1, 1), 2)), nn.Conv2d(1, 2, 3)),
    Odd(lambda x, a: a(F.pixel_unshuffle(x, 2)), nn.Conv2d(8, 2, 3)),
    Odd(channels_last, conv(7, padding=3), conv(3)),
    Odd(tokens, conv(3, stride=2), conv(3)),
    Odd(u_net, conv(3, padding=1), conv(3, padding=1)),
    Odd(lambda x, a: a(F.gelu(x.transpose(2, 3)).swapaxes(2, 3)), conv((3, 1), stride=(2, 1))),
    Odd(lambda x, a, b: torch.stack([a(x), b(x[..., 2:, 2:])], 1).sum(1), conv(3), conv(1)),
    Odd(lambda x, a, b: torch.stack([b(x), a(x)], 3).sum(-2), conv(5, padding=1), conv(3)),
    Odd(lambda x, a: a(torch.stack([x, a(x)], -1).mean(-1)), conv(3, padding=1)),
    Odd(lambda x, a: a(x) + torch.arange(5.0).view(1, 1, 5, 1).sum(2, keepdim=True), conv(3)),
]


@pytest.mark.parametrize("module", MODULES)
def test_every_unit(module):
    """Inside of the image the box is exact; at its edge nothing outside of the box is seen."""
    size = 30, 26
    torch.manual_seed(0)
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.1, 0.2)
    report = cnnviz.analyze(module, (1, 2, *size))
    image = torch.rand(1, 2, *size, dtype=torch.double, requires_grad=True)
    output = module.double()(image)
    field = report.layers[-1].field
    assert not isinstance(field, No), report.field_unknown
    inside, (height, width) = 0, output.shape[2:]
    for number in range(max(height, width)):
        unit = number % height, number % width
        one = output[0, :, *unit].square().sum()
        (gradient,) = torch.autograd.grad(one, image, retain_graph=True)
        boxes = [axis.interval(at) for axis, at in zip(field, unit, strict=True)]
        for seen, (low, high), side in zip(support(gradient), boxes, size, strict=True):
            assert low <= seen[0] <= seen[1] <= high
            if low >= 0 and high < side:
                inside += 1
                assert seen == (low, high)
    assert inside


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: F.layer_norm(x, x.shape[1:]), No.WHOLE),
        (F.instance_norm, No.WHOLE),
        (lambda x: F.linear(x, torch.ones(3, x.shape[-1])), No.WHOLE),
        (lambda x: F.scaled_dot_product_attention(x, x, x), No.WHOLE),
        (lambda x: x.flatten(2).mean(-1), No.WHOLE),
        (lambda x: torch.ones(4, 8, dtype=x.dtype) @ x, No.WHOLE),
        (lambda x: F.conv2d(x.transpose(2, 3), torch.ones(1, 2, 3, 3)), No.UNKNOWN),
        (lambda x: F.grid_sample(x, torch.zeros(1, 8, 8, 2), align_corners=False), No.UNKNOWN),
        (lambda x: x.flatten(2)[..., :5], No.UNKNOWN),
        (lambda x: torch.einsum("nchw,ncwh->nchw", x, x), No.UNKNOWN),
        (lambda x: x.permute(0, 2, 3, 1).reshape(1, 4, 2, 8, 2), No.UNKNOWN),
    ],
)
def test_what_has_none(function, reason):
    assert cnnviz.analyze(Odd(function), (1, 2, 8, 8)).layers[-1].field is reason


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.unsqueeze(0).squeeze(0),  # as stochastic depth does
        lambda x: x.reshape(1, 2, 1, 1),
        lambda x: x.flatten(2).unflatten(2, (1, 1)),
        lambda x: x.permute(0, 2, 3, 1).reshape(1, 1, 1, 2).permute(0, 3, 1, 2),
    ],
)
def test_maps_of_one_pixel_keep_their_axes(function):
    windows = (nn.Conv2d(2, 2, kernel, padding=kernel // 2) for kernel in (3, 5))
    net = Odd(lambda x, a, b: b(a(x) + function(a(x))), *windows)
    assert cnnviz.analyze(net, (1, 2, 1, 1)).receptive_field == 7


def test_small_images_change_no_field_of_convnext():
    fields = {
        cnnviz.analyze(cnnviz.spec("convnext-tiny", image_size=size)).receptive_field
        for size in (32, 64, 224)
    }
    assert len(fields) == 1
    assert None not in fields


def test_a_length_beside_a_signal_has_no_field():
    """As in networks for speech, whose convolutions know where each signal ends."""

    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv1d(2, 3, 7, stride=2, padding=3), nn.Conv1d(3, 3, 5, padding=2)

        def forward(self, x, lengths):
            lengths = (lengths + 2 * 3 - 7) // 2 + 1
            x = self.a(x)
            beyond = torch.arange(x.shape[-1]).expand(x.shape[0], -1) >= lengths.unsqueeze(1)
            return self.b(x.masked_fill(beyond.unsqueeze(1), 0)), lengths

    lengths = torch.tensor([16])
    report = cnnviz.analyze(Masked(), inputs=(torch.zeros(1, 2, 16), lengths))
    fields = {layer.name: layer.field for layer in report.layers}
    assert fields["add"] is fields["ge"] is No.CONSTANT
    assert report.field_unknown == ()
    x = torch.zeros(1, 2, 64, requires_grad=True)
    y = Masked()(x, torch.tensor([64]))[0]
    (gradient,) = torch.autograd.grad(y[0, :, 16].sum(), x)
    assert report.receptive_field == int(gradient[0].any(0).sum()) == 15


def test_a_constant_reads_no_pixel():
    class Places(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.places = conv(3, padding=1), nn.Embedding(8, 2)

        def forward(self, x):
            places = self.places(torch.arange(8)).T.view(1, 2, 1, 8)
            return self.conv(x) + places

    report = cnnviz.analyze(Places(), (1, 2, 8, 8))
    fields = {layer.name: layer.field for layer in report.layers}
    assert fields["places"] is No.CONSTANT
    assert report.receptive_field == 3
    assert report.field_unknown == ()
