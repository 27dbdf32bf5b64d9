"""The residual block against its figures, written out with torch's functions."""

import re
from itertools import product

import pytest
import torch
import torch.nn.functional as F

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.zoo.residual import ORDERS, REDUCTIONS, SqueezeExcite
from cnnviz.zoo.resnet import ResNetSpec

# He et al. 2016, figure 4, from top to bottom: weights, BN, ReLU, addition. "bn0" reads the input
# of the block, "bn" the sum.
FIGURE_4 = {
    "original": "conv1 bn1 relu conv2 bn2 add relu",
    "norm-after-add": "conv1 bn1 relu conv2 add bn relu",
    "relu-before-add": "conv1 bn1 relu conv2 bn2 relu add",
    "relu-pre-activation": "relu conv1 bn1 relu conv2 bn2 add",
    "pre-activation": "bn0 relu conv1 bn1 relu conv2 add",
}
BOTTLENECK = {
    "original": "conv1 bn1 relu conv2 bn2 relu conv3 bn3 add relu",
    "norm-after-add": "conv1 bn1 relu conv2 bn2 relu conv3 add bn relu",
    "relu-before-add": "conv1 bn1 relu conv2 bn2 relu conv3 bn3 relu add",
    "relu-pre-activation": "relu conv1 bn1 relu conv2 bn2 relu conv3 bn3 add",
    "pre-activation": "bn0 relu conv1 bn1 relu conv2 bn2 relu conv3 add",
}
FIGURES = {"basic": FIGURE_4, "bottleneck": BOTTLENECK}
# The projection's own normalisation, where the body's last convolution has one.
NORMALISED = ("original", "relu-before-add", "relu-pre-activation")
SMALL = {"depths": (2, 1), "stem": "cifar", "stem_channels": 8, "image_size": 8, "num_classes": 5}


def small(**knobs):
    """A ResNet of two stages; of a bottleneck's 3×3, 2 groups of 3."""
    if knobs.get("block") != "basic":
        knobs = {"groups": 2, "group_width": 3, **knobs}
    return cnnviz.spec("resnet-50", **{**SMALL, **knobs})


def randomised(spec):
    """Built, with running averages and weights that no layer could be left out with."""
    torch.manual_seed(0)
    module = spec.build().eval()
    for tensor in module.state_dict().values():
        if tensor.ndim == 1:
            tensor.copy_(torch.rand_like(tensor) + 0.5)
    return module


def batch_norm(x, state, name):
    values = (state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, *values)


def as_in_the_figure(block, x, steps, *, strides, groups, shortcut):
    """The block's weights, put through the steps one by one."""
    state, block_input, activated = block.state_dict(), x, x
    norms = {"bn0": "preactivation.norm", "bn": "norm"}
    for step in steps.split():
        if step == "add":
            x = x + shortcut(state, block_input, activated)
        elif step == "relu":
            x = torch.relu(x)
        elif step.startswith("bn"):
            x = batch_norm(x, state, norms.get(step, f"body.norm{step[2:]}"))
        else:
            if step == "conv1":
                activated = x
            weight = state[f"body.{step}.weight"]
            padding = weight.shape[-1] // 2
            in_groups = groups if weight.shape[-1] == 3 else 1
            x = F.conv2d(x, weight, None, strides.get(step, 1), padding, 1, in_groups)
    return x


def projected(state, _, activated):
    y = F.conv2d(activated, state["shortcut.conv.weight"], stride=2)
    normalised = "shortcut.norm.weight" in state
    return batch_norm(y, state, "shortcut.norm") if normalised else y


def padded(_, x, __):
    x = x[:, :, ::2, ::2]
    return torch.cat([x, torch.zeros_like(x)], dim=1)  # twice the channels


@pytest.mark.parametrize("block", FIGURES)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("place", ["identity", "zero-pad", "projection 1x1", "projection 3x3"])
def test_the_five_orders_are_those_of_the_figure(block, order, place):
    name, _, stride_on = place.partition(" ")
    module = randomised(
        small(
            block=block,
            order=order,
            shortcut="zero-pad" if name == "zero-pad" else "projection",
            stride_on=stride_on or "1x1",
        )
    )
    if name == "identity":
        found, strides = module.stage1.block2, {}
        shortcut = {"shortcut": lambda state, x, activated: x}
    else:
        found = module.stage2.block1
        strides = {"conv2" if block == "bottleneck" and stride_on == "3x3" else "conv1": 2}
        shortcut = {"shortcut": projected if name == "projection" else padded}
        assert ("shortcut.norm.weight" in found.state_dict()) == (
            name == "projection" and order in NORMALISED
        )
    x = torch.randn(2, 8 if block == "basic" else 32, 8, 8)
    groups = 1 if block == "basic" else 2
    steps = FIGURES[block][order]
    expected = as_in_the_figure(found, x, steps, strides=strides, groups=groups, **shortcut)
    torch.testing.assert_close(found(x), expected)


@pytest.mark.parametrize("stem", ["cifar", "imagenet"])
def test_what_blocks_do_first_the_stem_leaves_to_them_and_the_head_does_once_more(stem):
    moved = {
        "original": ("norm", "relu"),
        "norm-after-add": ("norm", "relu"),
        "relu-before-add": ("norm", "relu"),
        "relu-pre-activation": ("norm",),
        "pre-activation": (),
    }
    pool = ("pool",) if stem == "imagenet" else ()
    for order, kept in moved.items():
        module = small(order=order, stem=stem).build()
        in_head = tuple(name for name in ("norm", "relu") if name not in kept)
        assert tuple(dict(module.stem.named_children())) == ("conv", *kept, *pool)
        head = ("pool", "flatten", "classifier")
        assert tuple(dict(module.head.named_children())) == (*in_head, *head)


def test_the_five_orders_are_five_networks():
    reports = [cnnviz.analyze(small(order=order)) for order in ORDERS]
    graphs = {tuple((op.operation, op.inputs) for op in report.layers) for report in reports}
    assert len(graphs) == len(ORDERS)


def test_the_3x3_of_resnext_is_one_convolution_a_group():
    spec = cnnviz.spec("resnext-50-32x4d", depths=(1, 1), stem="cifar", image_size=8)
    for stage, stride in ((1, 1), (2, 2)):
        conv = getattr(spec.build(), f"stage{stage}").block1.body.conv2
        channels, width = 128 * stage, 4 * stage
        x = torch.randn(2, channels, 6, 6)
        paths = []
        for group in range(32):
            own = slice(group * width, (group + 1) * width)
            paths.append(F.conv2d(x[:, own], conv.weight[own], stride=stride, padding=1))
        torch.testing.assert_close(conv(x), torch.cat(paths, dim=1))


def test_the_remedy_for_too_wide_groups_helps_and_is_the_least():
    for groups, depths in ((64, (1,) * 4), (64, (1,) * 7), (48, (1,) * 6)):
        with pytest.raises(SpecError) as refusal:
            cnnviz.spec("resnet-50", groups=groups, depths=depths, group_width=256)
        most = int(re.search(r"group_width (\d+) or less", str(refusal.value))[1])
        assert cnnviz.spec("resnet-50", groups=groups, depths=depths, group_width=most)
        with pytest.raises(SpecError):
            cnnviz.spec("resnet-50", groups=groups, depths=depths, group_width=most + 1)


def test_squeeze_and_excitation_follows_its_formula():
    torch.manual_seed(0)
    layer = SqueezeExcite(12, 2)  # 12 -> 2 -> 12
    down, up = layer.gate.reduce, layer.gate.expand
    x = torch.randn(3, 12, 4, 5)
    for n in range(3):
        z = [x[n, c].sum() / 20 for c in range(12)]
        hidden = [
            max(sum(down.weight[k, c, 0, 0] * z[c] for c in range(12)) + down.bias[k], 0)
            for k in range(2)
        ]
        for c in range(12):
            logit = sum(up.weight[c, k, 0, 0] * hidden[k] for k in range(2)) + up.bias[c]
            scale = 1 / (1 + torch.exp(-logit))
            torch.testing.assert_close(layer(x)[n, c], scale * x[n, c])


@pytest.mark.parametrize(("layers", "times"), [(28, 10), (16, 8)])
def test_wide_resnets_convolution_by_convolution(layers, times):
    """arXiv 1605.07146, table 1, written out: N blocks a stage, and a 1×1 where they grow wider."""
    macs, norms, channels, size = 16 * 3 * 9 * 32**2, 0, 16, 32
    weights, convolutions = 16 * 3 * 9, 1
    for stage in range(3):
        width = 16 * times * 2**stage
        size //= 2 if stage else 1
        for _ in range((layers - 4) // 6):
            norms += 2 * (channels + width)
            for kernel, source in ((3, channels), (3, width), (1, channels)):
                if kernel == 1 and channels == width:
                    continue
                weights += kernel**2 * source * width
                macs += kernel**2 * source * width * size**2
                convolutions += 1
            channels = width
    head = 2 * channels + 10 * channels + 10
    report = cnnviz.analyze(cnnviz.spec(f"wide-resnet-{layers}-{times}"))
    assert convolutions == layers
    assert (report.params, report.macs) == (weights + norms + head, macs + 10 * channels)


@pytest.mark.parametrize("order", ORDERS)
def test_squeeze_and_excitation_is_the_last_step_before_the_addition(order):
    body = randomised(small(order=order, reduction=4)).stage1.block1.body
    assert list(dict(body.named_children()))[-1] == "squeeze_excite"
    x = torch.randn(2, 8, 8, 8)
    torch.testing.assert_close(body(x), body.squeeze_excite(body[:-1](x)))


@pytest.mark.parametrize("r", REDUCTIONS)
def test_what_squeeze_and_excitation_costs(r):
    """2/r · Σ N·C² multiply-accumulates in N blocks of C channels, and (1 + 1/r)·C biases each."""
    plain = cnnviz.analyze(cnnviz.spec("se-resnet-50", reduction=0))
    weighed = cnnviz.analyze(cnnviz.spec("se-resnet-50", reduction=r))
    blocks = ((3, 256), (4, 512), (6, 1024), (3, 2048))
    macs = sum(2 * n * c * c // r for n, c in blocks)
    assert weighed.macs - plain.macs == macs
    biases = sum(n * (c + c // r) for n, c in blocks)
    assert weighed.params - plain.params == macs + biases


def test_depth_counts_both_layers_of_squeeze_and_excitation():
    resnext = ("resnext-50-32x4d", "resnext-101-32x8d", "resnext-101-64x4d")
    presets = (*resnext, "preact-resnet-50", "se-resnet-50")
    depths = [cnnviz.analyze(cnnviz.spec(name)).depth for name in presets]
    assert depths == [50, 101, 101, 50, 50 + 2 * 16]


@pytest.mark.parametrize(
    ("preset", "knobs", "names", "words"),
    [
        ("plain-20", {"order": "pre-activation"}, ["order"], "without residual there is none"),
        ("preact-resnet-50", {"residual": False}, ["order"], "switch residual on"),
        ("resnet-20", {"reduction": 32}, ["reduction"], "of the 16 channels of stage 1 none"),
        ("resnet-18", {"groups": 2, "group_width": 8}, ["groups", "group_width"], "bottlenecks"),
        ("resnet-50", {"widening": 2}, ["widening"], "only basic blocks are widened as a whole"),
        ("resnet-50", {"groups": 64}, ["groups"], "32,768, and .* Take group_width 32 or less"),
        ("resnet-50", {"depths": (1,) * 7, "stem_channels": 256}, ["depths"], "have 65,536 chan"),
        (
            "resnet-20",
            {"normalisation": "group", "image_size": 1},
            ["normalisation"],
            "of an image of 1 px .* Take batch, or an image_size of 3 or more",
        ),
    ],
)
def test_refusals(preset, knobs, names, words):
    with pytest.raises(SpecError, match=words) as refusal:
        cnnviz.spec(preset, **knobs)
    assert [problem.knob for problem in refusal.value.problems] == names
    assert all(problem.message.zh for problem in refusal.value.problems)


@pytest.mark.parametrize("order", ["original", "norm-after-add", "pre-activation"])
def test_what_torch_cannot_normalise_is_refused_and_nothing_else(order):
    """A group or layer normalisation of a single number."""
    for block, stem, normalisation, channels, size in product(
        ("basic", "bottleneck"), ("imagenet", "cifar"), ("group", "layer"), (1, 16), (1, 2, 3, 8, 9)
    ):
        knobs = {"block": block, "stem": stem, "normalisation": normalisation, "image_size": size}
        knobs |= {"order": order, "depths": (1, 1), "stem_channels": channels, "num_classes": 2}
        if block == "bottleneck":
            knobs["group_width"] = channels
        spec, refused = ResNetSpec._unchecked({**ResNetSpec().values, **knobs}), False
        try:
            cnnviz.spec("resnet", **knobs)
        except SpecError:
            refused = True
        try:
            with torch.inference_mode():
                spec.build().eval()(torch.zeros(spec.input_shape))
            runs = True
        except ValueError:
            runs = False
        assert runs is not refused, knobs


@pytest.mark.sweep
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_every_combination_of_variants_is_built_and_trained(block):
    choices = product(
        ORDERS,
        ("zero-pad", "projection", "projection-all"),
        ("batch", "group", "layer", "none"),
        (0, 8),
        (False, True),
    )
    x = torch.randn(2, 3, 4, 4)
    for order, shortcut, normalisation, reduction, bias in choices:
        spec = small(
            block=block,
            order=order,
            shortcut=shortcut,
            normalisation=normalisation,
            reduction=reduction,
            conv_bias=bias,
            depths=(1, 1),
            image_size=4,
        )
        module = spec.build()
        output = module(x)
        assert output.shape == (2, 5)
        output.square().sum().backward()
        assert all(parameter.grad is not None for parameter in module.parameters()), spec
