"""A network that does not fit its input: which layer fails, what it got, what it needs."""

import re
from itertools import product

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis import BrokenNetwork, analyze
from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.graph import ancestors, blocks, find, fold, open_to_depth
from cnnviz.render.diagram import draw
from cnnviz.render.explain import explain
from cnnviz.render.kinds import KINDS
from cnnviz.zoo import FAMILIES, PRESETS


def broken(module, shape=None, device="meta"):
    with pytest.raises(BrokenNetwork) as error:
        analyze(module, shape, device)
    assert type(error.value.__cause__) is RuntimeError
    return error.value


class Chain(nn.Sequential):
    """A layer that fits every image, then the one that is tried."""

    def __init__(self, tried):
        super().__init__(nn.ReLU(), tried)


class Calls(nn.Module):
    """A function of the input as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(nn.functional.relu(x))


FAILURES = [
    (
        Chain(nn.MaxPool2d(2)),
        (2, 4, 1, 1),
        (
            "1 (max pool 2×2, stride 2) got 1×1 and needs at least 2×2.",
            "1（最大池化 2×2，步幅 2）得到 1×1，需要至少 2×2。",
        ),
        "Output size is too small",
    ),
    (
        nn.Sequential(Calls(lambda x: x[:, :, 1:]), nn.AvgPool2d(3, 2, padding=1)),
        (1, 4, 1, 5),
        (
            "1 (avg pool 3×3, stride 2, padding 1) got 0×5 and needs at least 1×1.",
            "1（平均池化 3×3，步幅 2，填充 1）得到 0×5，需要至少 1×1。",
        ),
        "",
    ),
    (
        Chain(nn.Conv2d(4, 5, (5, 3), padding=(1, 0))),
        (1, 4, 2, 8),
        (
            "1 (conv 5×3, padding 1×0) got 2×8 and needs at least 3×3.",
            "1（卷积 5×3，填充 1×0）得到 2×8，需要至少 3×3。",
        ),
        "Kernel size can't be greater than actual input size",
    ),
    (
        Chain(nn.Conv2d(3, 4, 3)),
        (1, 4, 8, 8),
        ("1 (conv 3×3) got 4 channels and needs 3.", "1（卷积 3×3）得到 4 个通道，需要 3 个。"),
        "channel",
    ),
    (
        Chain(nn.Conv2d(4, 4, 3, groups=2)),
        (1, 6, 8, 8),
        ("1 (conv 3×3) got 6 channels and needs 4.", "1（卷积 3×3）得到 6 个通道，需要 4 个。"),
        "channel",
    ),
    (
        Chain(nn.Conv2d(4, 4, 3)),
        (1, 64),
        ("1 (conv 3×3) got 64 and needs C×H×W.", "1（卷积 3×3）得到 64，需要 C×H×W。"),
        "Expected 3D",
    ),
    (
        Chain(nn.BatchNorm2d(3)),
        (1, 2, 4, 4),
        ("1 (batch norm) got 2 channels and needs 3.", "1（批量规范化）得到 2 个通道，需要 3 个。"),
        "running_mean should contain",
    ),
    (
        Chain(nn.GroupNorm(2, 4)),
        (1, 6, 4, 4),
        ("1 (group norm) got 6 channels and needs 4.", "1（组规范化）得到 6 个通道，需要 4 个。"),
        "weight",
    ),
    (
        Chain(nn.Linear(400, 10)),
        (7, 120),
        ("1 (linear) got 120 features and needs 400.", "1（全连接）得到 120 个特征，需要 400 个。"),
        "",
    ),
    (
        Chain(nn.Linear(400, 10)),
        (1, 16, 5, 5),
        (
            "1 (linear) got 16×5×5 and needs 400 along the last axis.",
            "1（全连接）得到 16×5×5，需要最后一维为 400。",
        ),
        "",
    ),
    (
        Calls(lambda x: x @ torch.zeros(3, 4, device=x.device)),
        (1, 2),
        (
            "matmul (matmul) got 2 features and needs 3.",
            "matmul（matmul）得到 2 个特征，需要 3 个。",
        ),
        "",
    ),
    (
        Calls(lambda x: torch.cat([x, x[:, :, 1:]], dim=1)),
        (2, 3, 4, 4),
        (
            "cat (concat) got 3×4×4 + 3×3×4 and needs shapes that differ in the channels alone.",
            "cat（拼接）得到 3×4×4 + 3×3×4，需要除通道外都相同的形状。",
        ),
        "must match",
    ),
    (
        Calls(lambda x: torch.cat([x, x.flatten(1)], dim=-2)),
        (2, 3, 4, 4),
        (
            "cat (concat) got 2×3×4×4 + 2×48 and needs shapes that differ along axis -2 alone.",
            "cat（拼接）得到 2×3×4×4 + 2×48，需要除第 -2 维外都相同的形状。",
        ),
        "",
    ),
    (
        Calls(lambda x: torch.stack([x, x[:, 1:]])),
        (2, 3, 4),
        (
            "stack (stack) got 3×4 + 2×4 and needs equal shapes.",
            "stack（stack）得到 3×4 + 2×4，需要相同的形状。",
        ),
        "equal size",
    ),
    (
        Calls(lambda x: x + x[:, 1:]),
        (1, 3, 4, 4),
        (
            "add (add) got 3×4×4 + 2×4×4 and needs equal shapes, or a size of 1 where they differ.",
            "add（相加）得到 3×4×4 + 2×4×4，需要相同的形状，或在不同处为 1。",
        ),
        "",
    ),
    (
        Calls(lambda x: torch.mul(x, other=torch.zeros(2, 1, 1, device=x.device))),
        (2, 3, 4, 4),
        (
            "mul (multiply) got 2×3×4×4 + 2×1×1 and needs equal shapes, or a size of 1 where they "
            "differ.",
            "mul（相乘）得到 2×3×4×4 + 2×1×1，需要相同的形状，或在不同处为 1。",
        ),
        "",
    ),
    (
        Calls(lambda x: x.view(-1, 33)),
        (1, 2, 4, 4),
        (
            "view (view) got 2×4×4 and cannot run. torch says: shape '[-1, 33]' is invalid for "
            "input of size 32",
            "view（view）得到 2×4×4，无法运行。torch 的报错：shape '[-1, 33]' is invalid for input "
            "of size 32",
        ),
        "shape '[-1, 33]' is invalid",
    ),
]


@pytest.mark.parametrize("device", ["meta", "cpu"])
@pytest.mark.parametrize(
    ("module", "shape", "sentence", "torch_says"),
    FAILURES,
    ids=[failure[2][0].split(" and needs")[0] for failure in FAILURES],
)
def test_a_layer_that_cannot_run_is_a_sentence(module, shape, sentence, torch_says, device):
    error = broken(module, shape, device)
    assert tuple(error.message) == sentence
    assert isinstance(error, RuntimeError)
    assert error.reason == str(error.__cause__)
    assert error.reason in str(error)
    assert torch_says in str(error)
    last = error.partial.layers[-1]
    assert (last.kind, last.output_shape, last.macs) == (BROKEN, (), 0)
    assert error.partial.layers[0].operation == "relu"
    assert 0 in last.inputs or error.partial.layers[-2].inputs == (0,)


def test_the_partial_report_is_the_report_up_to_the_layer():
    good = analyze(cnnviz.spec("vgg-d", image_size=32))
    error = broken(cnnviz.spec("vgg-d"), (1, 3, 28, 28))
    layers, last = error.partial.layers[:-1], error.partial.layers[-1]
    assert last.name == "block5.pool"
    names = [layer.name for layer in good.layers]
    assert [layer.name for layer in error.partial.layers] == names[: names.index(last.name) + 1]
    assert [layer.params for layer in layers] == [x.params for x in good.layers[: len(layers)]]
    assert last.input_shape == (1, 512, 1, 1)
    assert last.inputs == (len(layers) - 1,)
    assert dict(last.attributes) == {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0)}
    assert error.partial.output_shape == ()
    assert error.partial.params == sum(layer.params for layer in layers)
    assert error.partial.macs == sum(layer.macs for layer in layers)
    assert error.partial.to_dict()["layers"][-1]["kind"] == BROKEN


def test_the_layer_that_fails_has_its_weights():
    error = broken(cnnviz.spec("vgg-d"), (1, 3, 64, 64))
    last = error.partial.layers[-1]
    assert (last.name, last.operation) == ("head.hidden1.linear", "linear")
    assert last.params == 25088 * 4096 + 4096
    assert error.message.en.endswith("got 2048 features and needs 25088.")


def test_what_is_not_an_op_that_does_not_fit_stays_as_it_was():
    def own(x):
        raise RuntimeError("my own")

    def late(x):
        try:
            nn.functional.max_pool2d(x, 99)
        except RuntimeError:
            return own(x)

    for function in (own, late):
        with pytest.raises(RuntimeError, match="my own") as error:
            analyze(Calls(function), (1, 1, 4, 4))
        assert not isinstance(error.value, BrokenNetwork)
    with pytest.raises(NotImplementedError):  # torch cannot do that without values
        analyze(Calls(torch.nonzero), (1, 1, 4, 4))


def test_a_failure_that_the_module_survives_leaves_no_row():
    def careful(x):
        try:
            return nn.functional.max_pool2d(x, 9)
        except RuntimeError:
            return torch.sigmoid(x)

    report = analyze(Calls(careful), (1, 1, 4, 4))
    assert [layer.operation for layer in report.layers] == ["relu", "sigmoid"]


WINDOWS = [
    (kind, kernel, stride, padding, extra)
    for kind, extras in (
        (nn.Conv2d, [{}, {"dilation": 2}]),
        (nn.MaxPool2d, [{}, {"dilation": 2}, {"ceil_mode": True}]),
        (nn.AvgPool2d, [{}, {"ceil_mode": True}]),
    )
    for kernel, stride, extra in product((2, 3, 7), (1, 2, 3), extras)
    for padding in (0, 1)
]


@pytest.mark.parametrize(("kind", "kernel", "stride", "padding", "extra"), WINDOWS)
def test_what_a_window_needs_is_what_torch_takes(kind, kernel, stride, padding, extra):
    channels = (1, 1) if kind is nn.Conv2d else ()
    window = kind(*channels, kernel, stride=stride, padding=padding, **extra)
    sizes = range(1, 20)
    runs = [n for n in sizes if not fails(window, torch.zeros(1, 1, n, n))]
    if runs[0] > 1:
        error = broken(Chain(window), (1, 1, runs[0] - 1, runs[0] - 1))
        assert error.message.en.endswith(f"needs at least {runs[0]}×{runs[0]}.")
    assert runs == list(sizes)[runs[0] - 1 :]


def fails(module, x):
    try:
        module(x)
    except RuntimeError:
        return True
    return False


def refused(spec, **knobs):
    """The error of a spec that is refused for its image, and the smallest image it names."""
    spec, smallest = spec.too_small(**knobs)
    return broken(spec), smallest


def last_module_entered(spec, size):
    """What a plain forward pass was at when it failed, by hooks of torch alone."""
    module, entered = build_on_meta(spec).eval(), []
    for path, part in module.named_modules():
        part.register_forward_pre_hook(lambda module, args, path=path: entered.append(path))
    with pytest.raises(RuntimeError), torch.device("meta"):
        module(torch.zeros(1, spec.in_channels, size, size))
    return entered[-1]


def test_the_smallest_image_works_and_one_less_breaks_where_we_say(preset):
    spec = preset.spec
    if spec.too_small(image_size=1) is None:
        assert analyze(spec.turn(image_size=1)).params == preset.params
        return
    error, smallest = refused(spec, image_size=1)
    assert analyze(spec.turn(image_size=smallest)).output_shape == (1, spec.num_classes)
    assert spec.too_small(image_size=smallest) is None
    for size in {1, smallest - 1}:
        error, named = refused(spec, image_size=size)
        assert named == smallest
        last = error.partial.layers[-1]
        assert last.kind == BROKEN
        assert last.scope == last_module_entered(spec, size)
        assert last.operation in ("conv2d", "max_pool2d", "avg_pool2d")
        got = "×".join(map(str, last.input_shape[2:]))
        assert re.search(rf"\) got {got} and needs at least (\d+)×\1\.$", error.message.en)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_knob_that_makes_an_image_too_small(family):
    """From the smallest image on, each knob to each of its ends: a refusal can be drawn."""
    spec = FAMILIES[family].presets[0].spec
    if (found := spec.too_small(image_size=1)) is None:
        return
    spec = spec.turn(image_size=found[1])
    for knob in spec.knobs():
        for value in knob.extremes:
            if spec.too_small(**{knob.name: value}):
                error, smallest = refused(spec, **{knob.name: value})
                assert error.message.en.count("needs at least") == 1
                other = spec.turn(image_size=1024)
                if smallest is None:
                    assert other.too_small(**{knob.name: value})
                else:
                    assert analyze(other.turn(**{knob.name: value, "image_size": smallest}))


@pytest.mark.parametrize(
    ("preset", "knobs"),
    [
        ("vgg-d", {"image_size": 0}),  # out of the knob's range
        ("vgg-d", {"image_size": "28"}),
        ("vgg-d", {"image_size": 28, "depths": (2, 2, 2)}),  # too many widths: another conflict
        ("densenet", {"image_size": 8, "depths": (128,) * 4}),  # too large a network
        ("vgg-d", {"image_size": 32}),  # fits
        ("vgg-d", {"nonsense": 1}),
    ],
)
def test_only_a_refusal_for_the_image_can_be_drawn(preset, knobs):
    assert cnnviz.spec(preset).too_small(**knobs) is None


def test_the_spec_of_a_refusal_has_what_was_asked():
    spec, smallest = cnnviz.spec("vgg-d", kernel="5x5").too_small(depths=[1] * 8, image_size=99)
    assert (spec.depths, spec.image_size, spec.kernel) == ((1,) * 8, 99, "5x5")
    assert smallest == 256
    assert spec.input_shape == (1, 3, 99, 99)
    assert {parameter.device.type for parameter in build_on_meta(spec).parameters()} == {"meta"}
    spec, smallest = cnnviz.spec("densenet").too_small(depths=(1,) * 11)
    assert smallest is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["vgg-d", "inception-v3", "lenet-5"])
def test_the_drawing_ends_in_a_red_node_that_says_so(name, language):
    smallest = cnnviz.spec(name).too_small(image_size=1)[1]
    error, _ = refused(cnnviz.spec(name), image_size=smallest - 1)
    report = error.partial
    last, word = report.layers[-1], KINDS[BROKEN].label(language)
    for opened in (frozenset(), open_to_depth(report, 99), frozenset(ancestors(last.scope))):
        graph = fold(report, opened & blocks(report).keys())
        (red,) = [node for node in graph.nodes if node.broken]
        assert red.positions[-1] == len(report.layers) - 1
        assert all(source != red.id for source, _ in graph.edges), "nothing follows"
        assert any(target == red.id for _, target in graph.edges)
        (group,) = red_groups(draw(report, opened, language))
        assert f'id="{red.id}"' in group
        assert f">{word}<" in group or f"{word}</text>" in group
        assert "✕" in group
        assert explain(red)(language)
        assert find(report, red.id).broken


def red_groups(svg):
    groups = re.findall(r'<g id="[^"]*" class="node">.*?</g>\n', svg, re.DOTALL)
    colour = KINDS[BROKEN].colour.lower()
    return [group for group in groups if re.search(rf'fill="{colour}" stroke[^>]* d="', group)]


def test_a_whole_network_has_no_red_node():
    report = analyze(PRESETS["vgg-d"].spec)
    assert not any(node.broken for node in fold(report).nodes)
    assert red_groups(draw(report)) == []


def test_red_is_readable():
    """WCAG: 4.5 to 1 between text and ground."""

    def luminance(colour):
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    kind = KINDS[BROKEN]
    dark, light = sorted(map(luminance, (kind.colour, kind.ink)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
