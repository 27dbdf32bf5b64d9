"""Receptive fields against published ones, and against which input pixels have a gradient."""

import pytest
import torch
import torch.nn.functional as F
from test_zoo import smallest_image
from torch import nn

import cnnviz
from cnnviz.analysis.receptive.field import No

LARGEST = 1000  # px, of the fields that are looked for in a gradient
PLACES = 6  # in each network
POINTWISE = (nn.BatchNorm2d, nn.LocalResponseNorm, nn.Dropout, nn.ReLU, nn.ReLU6)
POINTWISE += (nn.Sigmoid, nn.Tanh, nn.ELU)


def report_of(name, **knobs):
    return cnnviz.analyze(cnnviz.spec(name, **knobs))


@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        ("resnet-50", 483),
        ("vgg-d", 212),
        ("inception-v4", 2071),
        ("densenet-121", 2071),
        # Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks"
        ("inception-v3", 1311),
        ("inception-resnet-v2", 3039),
        ("inception-bn", 699),
        ("mobilenet-v1", 315),
        ("resnet-101", 1027),
        ("resnet-152", 1507),
        ("alexnet-2012", 195),
    ],
)
def test_published_fields(name, pixels):
    assert report_of(name).receptive_field == pixels


@pytest.mark.parametrize(
    ("stride_on", "pixels"), [("1x1", [35, 99, 291, 483]), ("3x3", [35, 91, 267, 427])]
)
def test_the_stages_of_resnet_50(stride_on, pixels):
    report = report_of("resnet-50", stride_on=stride_on)
    ends = {layer.scope.split(".")[0]: layer for layer in report.layers}
    stages = [ends[f"stage{number}"] for number in (1, 2, 3, 4)]
    assert [layer.receptive_field for layer in stages] == pixels
    assert [layer.jump for layer in stages] == [4, 8, 16, 32]
    assert report.receptive_field == pixels[-1]
    assert report.layers[-1].receptive_field is None


def test_every_preset_has_a_last_map(every_preset):
    report = cnnviz.analyze(every_preset.spec)
    assert report.field_unknown == ()
    last = report.layers[report.last_map]
    assert isinstance(report.receptive_field, int)
    gate = next((x for x in report.layers if x.scope.endswith("squeeze_excite")), None)
    later = report.layers[report.last_map + 1 :]
    if gate is None:
        assert all(layer.receptive_field is None for layer in later)
    else:
        assert gate.receptive_field is None
        assert last.output_shape[2] == report.layers[gate.inputs[0]].output_shape[2]


class Even(nn.Module):
    """A convolution whose weights are all equal and positive, fast for having so few."""

    def __init__(self, conv):
        super().__init__()
        self.settings = {"stride": conv.stride, "padding": conv.padding, "dilation": conv.dilation}
        self.groups, self.each = conv.groups, conv.out_channels // conv.groups
        self.register_buffer("weight", torch.ones(conv.groups, 1, *conv.kernel_size))

    def forward(self, x):
        n, c, h, w = x.shape
        x = x.view(n, self.groups, c // self.groups, h, w).mean(2)
        x = F.conv2d(x, self.weight, groups=self.groups, **self.settings)
        return x.repeat_interleave(self.each, dim=1)


def positive(module):
    """Put positive linear parts in place of all parts, which see the same pixels."""
    for name, part in module.named_children():
        if isinstance(part, nn.Conv2d):
            setattr(module, name, Even(part))
        elif isinstance(part, nn.MaxPool2d):
            pool = nn.AvgPool2d(part.kernel_size, part.stride, part.padding, part.ceil_mode)
            setattr(module, name, pool)
        elif isinstance(part, POINTWISE):
            setattr(module, name, nn.Identity())
        else:
            positive(part)
    for parameter in module.parameters(recurse=False):
        if parameter.requires_grad:
            nn.init.constant_(parameter, 0.1)
    return module


def support(gradient):
    """Bounding box of the pixels that have a gradient, (first, last) for each axis."""
    seen = gradient.abs().sum((0, 1)).nonzero()
    return [(axis.min().item(), axis.max().item()) for axis in seen.unbind(1)]


class Reached(Exception):
    pass


def outputs_of(module, names, image):
    """The first output of each of the named parts; what comes after the last is not run."""
    found = {}

    def keep(name):
        def hook(part, args, output):
            found.setdefault(name, output)
            if len(found) == len(names):
                raise Reached

        return hook

    for name in names:
        module.get_submodule(name).register_forward_hook(keep(name))
    with pytest.raises(Reached):
        module(image)
    return found


def test_the_box_is_where_the_gradient_is(preset, monkeypatch):
    report = cnnviz.analyze(preset.spec)
    last = report.layers[report.last_map]
    if last.receptive_field >= LARGEST or "se-" in preset.name:
        pytest.skip("the field is larger than an image for it, or a gate sees all of it")
    for kind in (nn.Linear, nn.Conv2d):
        monkeypatch.setattr(kind, "reset_parameters", lambda self: None)
    module = positive(preset.spec.build().eval()).double()
    rows = {}  # the last row of each part
    for layer in report.layers:
        parts = layer.scope.split(".")
        rows |= {".".join(parts[: end + 1]): layer for end in range(len(parts))}
    maps = [name for name, layer in rows.items() if isinstance(layer.field, tuple)]
    maps = [name for name in maps if rows[name].operation != "adaptive_avg_pool2d"]
    names = maps[:: -(len(maps) // PLACES)]
    narrow = smallest_image(preset.spec).image_size
    wide = last.receptive_field + 4 * last.jump + narrow
    for axis, size in enumerate([(wide, narrow), (narrow, wide)]):
        image = torch.ones(1, preset.spec.in_channels, *size, dtype=torch.double)
        image.requires_grad_()
        for name, output in outputs_of(module, names, image).items():
            unit = [side // 2 for side in output.shape[2:]]
            one = output[0, :, unit[0], unit[1]].sum()
            (gradient,) = torch.autograd.grad(one, image, retain_graph=True)
            box = support(gradient)[axis]
            assert box == rows[name].field[axis].interval(unit[axis]), (name, axis)
            assert 0 < box[0] <= box[1] < wide - 1, "the image holds all of it"
            sides = rows[name].receptive_field, rows[name].jump, rows[name].offset
            side, jump, offset = (s if isinstance(s, int) else s[axis] for s in sides)
            assert box == (offset + jump * unit[axis], offset + jump * unit[axis] + side - 1)


class Odd(nn.Module):
    def __init__(self, function, *parts):
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, x):
        return self.function(x, *self.parts)


def conv(kernel, **settings):
    return nn.Conv2d(2, 2, kernel, **settings)


def up(kernel, **settings):
    return nn.ConvTranspose2d(2, 2, kernel, **settings)


def u_shaped(x, down, spread):
    return spread(F.avg_pool2d(down(x), 2)) + down(x)


def shuffled(x):
    return x.view(1, 1, 2, *x.shape[2:]).permute(0, 2, 1, 3, 4).reshape(x.shape)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(
    "module",
    [
        conv((3, 5), stride=(2, 1), padding=(4, 0)),
        conv(3, dilation=(3, 2), padding=1),
        conv((4, 2), padding="same", dilation=(1, 3)),
        nn.Sequential(conv(3), nn.AvgPool2d(3, 2, padding=1, ceil_mode=True), conv(3)),
        nn.Sequential(nn.MaxPool2d(1, 2), conv(3)),
        nn.Sequential(conv(3), nn.AdaptiveAvgPool2d((6, 7)), conv((2, 1)), conv(2, stride=2)),
        nn.Sequential(nn.AdaptiveAvgPool2d((23, 40)), conv(3, padding=1)),
        nn.Sequential(conv(3, stride=2), up(2, stride=2), conv(3)),
        nn.Sequential(up(3, stride=2, padding=1, output_padding=1), conv(3, stride=3)),
        nn.Sequential(up((4, 3), stride=(3, 2), dilation=(1, 2)), nn.AvgPool2d(2)),
        nn.Sequential(up(1, stride=3), conv(2)),
        Odd(u_shaped, conv(3, padding=1), up(2, stride=2)),
        Odd(
            lambda x, a, b: a(x[:, :, 1::2, ..., 2:-2:3]) + b(x)[..., ::2, :24:3], conv(1), conv(1)
        ),
        Odd(lambda x: F.pad(x, (3, -1, -2, 5, 1, 0))),
        Odd(lambda x, a: torch.cat(a(x).chunk(2, dim=1)[::-1], 1), conv(3, stride=2, padding=1)),
        Odd(lambda x, a: shuffled(a(x)).softmax(1).index_select(1, torch.tensor([1])), conv(3)),
        Odd(lambda x, a: a(x).mean(1).unsqueeze(0) * x[:, :1, 2:, 2:], conv(3)),
        Odd(lambda x, a, b: torch.maximum(a(x), b(x)), conv((1, 7), padding=(0, 3)), conv(1)),
        Odd(lambda x, a: torch.addcmul(a(x), a(x), x[:, :, 1:-1, 1:-1]) ** 2, conv(3)),
    ],
)
def test_every_unit_of_an_odd_module(module):
    """Inside of the image the box is exact, at its edge nothing outside of the box is seen."""
    size = 30, 26
    torch.manual_seed(0)
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.1, 0.2)
    report = cnnviz.analyze(module, (1, 2, *size))
    if report.layers[0].operation == "max_pool2d":
        module[0] = nn.AvgPool2d(1, 2)
    image = torch.rand(1, 2, *size, dtype=torch.double, requires_grad=True)
    output = module.double()(image)
    field = report.layers[-1].field
    inside = 0
    height, width = output.shape[2:]
    for number in range(max(height, width)):
        unit = number % height, number % width
        one = output[0, :, *unit].square().sum()
        (gradient,) = torch.autograd.grad(one, image, retain_graph=True)
        boxes = [axis.interval(at) for axis, at in zip(field, unit, strict=True)]
        if not gradient.any():
            assert any(low > high or high < 0 or low >= max(size) for low, high in boxes)
            continue
        for seen, (low, high), side in zip(support(gradient), boxes, size, strict=True):
            if low >= 0 and high < side:
                inside += 1
                assert seen == (low, high)
            assert low <= seen[0] <= seen[1] <= high
    assert inside


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x.mean((2, 3)), No.WHOLE),
        (lambda x: x.amax(dim=-1, keepdim=True), No.WHOLE),
        (lambda x: x * x.mean((2, 3), keepdim=True).sigmoid(), No.WHOLE),
        (lambda x: F.adaptive_avg_pool2d(x, 1), No.WHOLE),
        (lambda x: F.group_norm(x, 1), No.WHOLE),
        (lambda x: x.flatten(1), No.WHOLE),
        (lambda x: F.interpolate(x, scale_factor=2, mode="bicubic", antialias=True), No.UNKNOWN),
        (lambda x: F.interpolate(x, scale_factor=1.3), No.UNKNOWN),
        (lambda x: x.roll(1, 2), No.UNKNOWN),
        (lambda x: x.flip(3), No.UNKNOWN),
        (lambda x: x.softmax(-1), No.UNKNOWN),
        (lambda x: x.view(1, 2, 16, 4), No.UNKNOWN),
        (lambda x: x[:, 0], No.UNKNOWN),
        (lambda x: x[:, :, torch.tensor([1, 0])], No.UNKNOWN),
        (lambda x: x.chunk(2, dim=2)[1], No.UNKNOWN),
        (lambda x: torch.cat([x, x], 3), No.UNKNOWN),
        (lambda x: x + x[:, :, :1], No.UNKNOWN),
        (lambda x: x @ x, No.UNKNOWN),
        (lambda x: x[:, :, ::2] + F.adaptive_avg_pool2d(x, (4, 8))[:, :, :, :], None),
        (lambda x: x[:, :, ::2] + x[:, :, :4], No.UNKNOWN),  # one step is 2, the other 1
    ],
)
def test_what_has_no_field(function, reason):
    report = cnnviz.analyze(Odd(function), (1, 2, 8, 8))
    layer = report.layers[-1]
    if reason is None:
        assert layer.receptive_field == (2, 1)
        return
    assert layer.field is reason
    assert (layer.receptive_field, layer.jump, layer.offset) == (None, None, None)
    assert report.field_unknown == ((layer.name,) if reason is No.UNKNOWN else ())
    if reason is No.UNKNOWN:
        assert report.receptive_field is None


def test_axes_in_another_order_keep_their_fields():
    """Height first, wherever it is in the tensor."""

    def turned(x, a):
        return torch.permute(a(x).permute(0, 2, 3, 1).transpose(1, 2), (0, 3, 1, 2))

    report = cnnviz.analyze(Odd(turned, conv((3, 1), padding=(1, 0))), (1, 2, 8, 9))
    assert [layer.receptive_field for layer in report.layers] == [(3, 1)] * 4
    assert report.receptive_field == (3, 1)
    assert report.layers[-1].output_shape == (1, 2, 9, 8)


def test_the_last_map_leads_to_the_output():
    class Aside(nn.Module):
        def __init__(self):
            super().__init__()
            self.aside, self.body = nn.Conv2d(3, 3, 7), nn.Conv2d(3, 3, 3)

        def forward(self, x):
            y = self.aside(x).relu()
            return self.body(x).mean((2, 3)), y

    report = cnnviz.analyze(Aside(), (1, 3, 9, 9))
    assert [layer.receptive_field for layer in report.layers] == [7, 7, 3, None]
    assert report.receptive_field == 3
    assert cnnviz.analyze(nn.Linear(4, 2), (1, 4)).receptive_field is None


def test_a_dilated_pooling():
    (pool,) = cnnviz.analyze(nn.MaxPool2d(3, dilation=(2, 1)), (1, 1, 9, 9)).layers
    assert pool.receptive_field == (5, 3)
    assert dict(pool.attributes)["dilation"] == (2, 1)


def test_one_dimension_and_three():
    assert cnnviz.analyze(nn.Conv1d(2, 2, 5, padding=2), (1, 2, 9)).layers[0].offset == -2
    report = cnnviz.analyze(nn.Conv3d(2, 2, (1, 3, 3)), (1, 2, 4, 9, 9))
    assert report.receptive_field == (1, 3, 3)


def test_fields_in_plain_data():
    data = report_of("lenet-d2l").to_dict()
    assert data["receptive_field"] == 16
    rows = {row["name"]: row for row in data["layers"]}
    assert (rows["S4"]["receptive_field"], rows["S4"]["jump"], rows["S4"]["offset"]) == (16, 4, -2)
