"""The labs' numbers: those of the course, and what torch and counting on modules say of others.

Where a number of the course is not kept, the reason stands beside it.
"""

import itertools
import math
import re
import warnings

import numpy as np
import pytest
import torch
from test_labs import words_of
from torch import nn
from torch.nn import functional as F

import cnnviz
from cnnviz.labs import LABS
from cnnviz.labs.activation.curves import FUNCTIONS, chain
from cnnviz.labs.batch_norm.averages import running, spreads
from cnnviz.labs.batch_norm.depth import course, slope
from cnnviz.labs.batch_norm.steps import maps, standardised
from cnnviz.labs.channel_attention.gate import gate
from cnnviz.labs.convolution.channels import over_channels, stacked
from cnnviz.labs.convolution.series import SAMPLES, filtered, gain, heard, matches, tone
from cnnviz.labs.convolution.steps import both, size_sum
from cnnviz.labs.dense.growth import read_by, weights
from cnnviz.labs.edges.filters import FILTERS, learn
from cnnviz.labs.inception.blocks import naive, paths
from cnnviz.labs.lenet.codes import codes
from cnnviz.labs.lenet.tables import distances, layers, noisy
from cnnviz.labs.parts import Code, Said, Sums, Table
from cnnviz.labs.pooling.sums import pool
from cnnviz.labs.residual.blocks import ORDERS, basic, bottleneck, pipeline, residual_block
from cnnviz.labs.residual.classes import TARGETS, errors
from cnnviz.labs.residual.paths import all_paths, gradients, without
from cnnviz.labs.residual.toy import courses
from cnnviz.labs.sharing.shift import KERNEL, fully_connected, moved, scene
from cnnviz.labs.sharing.signal import rows
from cnnviz.labs.stacks.counts import fields, nin_block, shuffled
from cnnviz.labs.windows import correlate, padded, size_after
from cnnviz.labs.written import matrix
from cnnviz.zoo import PRESETS
from cnnviz.zoo.lenet import CONNECTIONS_C3

IMAGE = np.arange(9.0).reshape(3, 3)


def told(name, **knobs):
    """All plain text of a lab's page in English, for some settings."""
    lab = LABS[name]
    lines = []
    for part in itertools.chain(*lab.shown(lab.settings().turn(**knobs))):
        match part:
            case Said():
                lines.append(part.text.en)
            case Sums():
                lines += [line if isinstance(line, str) else line.en for line in part.lines]
            case Table():
                for row in part.rows:
                    lines.append(" | ".join(c if isinstance(c, str) else c.en for c in row))
    return "\n".join(lines)


def tensor(array):
    return torch.tensor(np.array(array), dtype=torch.float64)


def count(*layers_):
    return sum(parameter.numel() for layer in layers_ for parameter in layer.parameters())


# convolution


def test_the_convolution_of_the_course_and_its_flipped_kernel():
    """5 11 23 29; a text prints 24 for the last, but 4·3 + 5·2 + 7·1 + 8·0 = 29."""
    correlation, convolution = both(IMAGE, np.array([[0.0, 1], [2, 3]]))
    assert correlation.tolist() == [[19, 25], [37, 43]]
    assert convolution.tolist() == [[5, 11], [23, 29]]
    assert "19 25 / 37 43" in told("convolution")
    assert "5 11 / 23 29" in told("convolution")


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_windows_are_those_of_torch(padding, stride, dilation):
    generator = np.random.default_rng(0)
    image, kernel = generator.normal(size=(7, 6)), generator.normal(size=(3, 2))
    ours = correlate(padded(image, padding), kernel, stride=stride, dilation=dilation)
    theirs = F.conv2d(
        tensor(image)[None, None],
        tensor(kernel)[None, None],
        padding=padding,
        stride=stride,
        dilation=dilation,
    )[0, 0]
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-12)
    for axis, (size, side) in enumerate(zip(image.shape, kernel.shape, strict=True)):
        assert size_after(size, side, padding, stride, dilation) == theirs.shape[axis]


def test_the_calculator_of_the_course():
    """(240 − 5 + 2·2 + 3) / 3 is 80.67; a text writes 80 without rounding down."""
    assert size_sum(240, 5, 2, 3, 1).endswith("(240 − 5 + 2·2) / 3 + 1 = 80.67 → 80")
    assert size_sum(5, 2, 0, 3, 1).endswith("= 2")
    assert "80.67 → 80" in told("convolution")


def test_two_input_and_three_output_channels_of_the_course():
    images, kernels = stacked(LABS["convolution"].settings())
    ours = over_channels(images, kernels)
    assert ours[0].tolist() == [[56, 72], [104, 120]]
    assert ours[1].tolist() == [[76, 100], [148, 172]]
    assert ours[2].tolist() == [[96, 128], [192, 224]]
    np.testing.assert_allclose(ours, F.conv2d(tensor(images)[None], tensor(kernels))[0])
    assert "output 1: 56 72 / 104 120" in told("convolution")


def test_a_1x1_is_a_matrix_product_at_each_pixel():
    settings = LABS["convolution"].settings()
    pixels, weight = matrix(settings.pixels), matrix(settings.weights)
    theirs = F.conv2d(tensor(pixels).view(1, 3, 2, 2), tensor(weight)[:, :, None, None])
    np.testing.assert_allclose(weight @ pixels, theirs.view(2, 4).numpy())
    assert "256·512 = 131,072" in told("convolution")


@pytest.mark.parametrize("frequency", [1, 2, 16, 31])
@pytest.mark.parametrize("kernel", [[0.25] * 4, [1.0, -1.0], [0.3, -2.0, 0.5]])
def test_the_gain_of_a_kernel_is_the_height_of_the_filtered_tone(frequency, kernel):
    """A tone through a circular convolution stays a tone; its height is found by projection."""
    signal = tone(frequency)
    wrapped = np.concatenate([signal, signal[: len(kernel) - 1]])
    result = filtered(wrapped, np.array(kernel))
    spectrum = np.abs(np.fft.rfft(result)) / (SAMPLES / 2)
    assert spectrum[frequency] == pytest.approx(gain(np.array(kernel), frequency), abs=1e-12)


def test_a_kernel_of_one_hot_words_counts_matches():
    sentence = ["the", "cat", "sat", "on", "the", "mat", "and", "the", "cat", "slept"]
    found = matches(sentence, ["the", "cat"])
    pairs = itertools.pairwise(sentence)
    assert found.tolist() == [(a == "the") + (b == "cat") for a, b in pairs]
    vocabulary = sorted(set(sentence))
    one_hot = tensor([[word == known for word in sentence] for known in vocabulary])
    kernel = tensor([[word == known for word in ("the", "cat")] for known in vocabulary])
    theirs = F.conv1d(one_hot[None], kernel[None])[0, 0]
    assert found.tolist() == theirs.tolist()


# pooling


def test_the_pooling_of_the_course():
    how = {"window": 2, "stride": 1, "padding": 0}
    assert pool(IMAGE, "max", **how).tolist() == [[4, 5], [7, 8]]
    assert pool(IMAGE, "average", **how).tolist() == [[2, 3], [5, 6]]
    assert "4 5 / 7 8" in told("pooling")
    assert "2 3 / 5 6" in told("pooling")
    assert "channel 1: 5 7 / 13 15" in told("pooling")
    assert "channel 2: 6 8 / 14 16" in told("pooling")


@pytest.mark.parametrize(("window", "padding"), [(2, 0), (2, 1), (3, 1), (4, 2)])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_pooling_is_that_of_torch(window, padding, stride):
    image = np.random.default_rng(0).normal(size=(6, 5)) - 5
    how = {"window": window, "stride": stride, "padding": padding}
    x = tensor(image)[None, None]
    largest = F.max_pool2d(x, window, stride, padding)[0, 0]
    mean = F.avg_pool2d(x, window, stride, padding)[0, 0]
    np.testing.assert_allclose(pool(image, "max", **how), largest)
    np.testing.assert_allclose(pool(image, "average", **how), mean)


def test_global_average_pooling_is_a_mean():
    """A text of the course says that it sums; for 0 to 8 that would be 36."""
    assert "(0 + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8) / 9 = 4" in told(
        "pooling", maps="0,1,2,3,4,5,6,7,8"
    )


# residual


def test_zero_weights_are_the_identity_with_shortcuts_and_nothing_without():
    found = courses(8, "identity", 0.5, 0.05)
    assert found.residual_at_zero == 0
    assert found.plain_at_zero == pytest.approx(1.046, abs=1e-3)  # the mean square of the inputs
    assert found.residual[-1] < 0.1 < 0.9 * found.plain_at_zero < found.plain[-1]


def test_the_gradient_through_depth_is_that_of_autograd():
    for residual in (False, True):
        x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        y = x
        for _ in range(20):
            y = y + 0.1 * y if residual else 0.1 * y
        (gradient,) = torch.autograd.grad(y, x)
        assert gradients(20, 0.1)[residual][-1] == pytest.approx(float(gradient))


@pytest.mark.parametrize("factors", [[0.5], [0.5, 0.2, -0.3], [1.0] * 5])
def test_the_paths_sum_to_the_network(factors):
    found = all_paths(factors)
    assert len(found) == len({way for way, _ in found}) == 2 ** len(factors)
    x = 1.0
    for factor in factors:
        x = x + factor * x
    assert sum(value for _, value in found) == pytest.approx(x)
    left = [value for way, value in found if not way[0]]
    assert sum(left) == pytest.approx(math.prod(1 + f for f in without(factors, 1)))
    assert len(left) == len(found) // 2


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_is_that_of_the_zoos_block(order):
    """The same steps as hooks see them in a ResNet that is built."""
    spec = PRESETS["resnet-18"].spec.turn(order=order)
    block = spec.build().get_submodule("stage1.block2")
    block.train()
    for name, parameter in block.named_parameters():
        parameter.data.fill_(0.0 if "bias" in name else 1.0)
    for module in block.modules():
        if isinstance(module, nn.Conv2d):  # one channel to one, the pixel in the middle alone
            module.weight.data.zero_()
            for channel in range(module.out_channels):
                module.weight.data[channel, channel, 1, 1] = 0.5
    batch = torch.tensor([-2.0, -1, 0, 3])
    x = batch.view(4, 1, 1, 1).expand(4, 64, 1, 1).contiguous()
    with torch.no_grad():
        theirs = block(x)[:, 0, 0, 0]
    np.testing.assert_allclose(
        residual_block(batch.double().numpy(), order, 0.5), theirs, atol=1e-3
    )
    assert pipeline(order).count("conv") == 2


def test_bottleneck_against_basic_block():
    assert (sum(bottleneck(256, 4)), sum(basic(256))) == (70_016, 1_180_160)
    convs = [nn.Conv2d(256, 64, 1), nn.Conv2d(64, 64, 3), nn.Conv2d(64, 256, 1)]
    assert bottleneck(256, 4) == [count(conv) for conv in convs]
    assert count(nn.Conv2d(256, 256, 3), nn.Conv2d(256, 256, 3)) == sum(basic(256))
    assert "together 70,016" in told("residual")


@pytest.mark.parametrize("target", TARGETS)
def test_the_error_of_nested_classes_never_rises(target):
    apart, nested = errors(TARGETS[target])
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(nested))
    assert any(after > before + 1e-3 for before, after in itertools.pairwise(apart))


# batch norm


def test_batch_norm_is_that_of_torch():
    settings = LABS["batch-norm"].settings()
    batch = matrix(settings.batch)
    theirs = nn.BatchNorm1d(2, affine=False, dtype=torch.float64)(tensor(batch))
    np.testing.assert_allclose(standardised(batch, (0,), 1e-5), theirs, atol=1e-12)
    x = maps(settings)
    theirs = nn.BatchNorm2d(2, affine=False, dtype=torch.float64)(tensor(x))
    np.testing.assert_allclose(standardised(x, (0, 2, 3), 1e-5), theirs, atol=1e-12)


def test_divided_by_the_root_of_a_variance_of_16():
    """One text calls the variance σ and divides by √σ: √16 = 4, and 4 becomes 1."""
    assert standardised(np.array([[4.0], [-4.0]]), (0,), 0).ravel().tolist() == [1, -1]


def test_the_other_norms_are_those_of_torch():
    x = np.random.default_rng(0).normal(size=(2, 4, 6))
    pairs = {
        (1, 2): nn.GroupNorm(1, 4, affine=False),
        (2,): nn.InstanceNorm1d(4),
        (0, 2): nn.BatchNorm1d(4, affine=False),
    }
    for axes, norm in pairs.items():
        np.testing.assert_allclose(standardised(x, axes, 1e-5), norm.double()(tensor(x)), atol=1e-9)
    grouped = standardised(x.reshape(2, 2, -1), (2,), 1e-5).reshape(x.shape)
    np.testing.assert_allclose(grouped, nn.GroupNorm(2, 4, affine=False)(tensor(x)), atol=1e-9)


def test_running_averages_are_those_of_the_course_and_near_torch():
    """moving = 0.9·moving + 0.1·batch; PyTorch's momentum is the 0.1, its variance over n − 1."""
    batches = np.array([[1.0, 3, 5], [2, 4, 9], [10, 14, 0]])
    norm = nn.BatchNorm1d(1, momentum=0.1, dtype=torch.float64)
    means, variances = running(batches, 0.9)
    unbiased = 1.0
    for at, batch in enumerate(batches):
        norm(tensor(batch)[:, None])
        unbiased = 0.9 * unbiased + 0.1 * batch.var(ddof=1)
        assert means[at] == pytest.approx(float(norm.running_mean))
        assert unbiased == pytest.approx(float(norm.running_var))
    assert variances[0] == pytest.approx(0.9 + 0.1 * 8 / 3)


def test_the_mean_of_a_batch_varies_as_one_over_root_n():
    for (mean, _), size in zip(spreads(1.0, 0), (1, 2, 4, 8, 16, 32, 64, 128, 256), strict=True):
        assert mean == pytest.approx(size**-0.5, rel=0.2)
    assert spreads(1.0, 0)[0][1] == 0  # alone, every example becomes 0


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_batch_norm_keeps_activations_in_range_and_trains(activation):
    bare = course(8, activation, 1.0, 0.5, "")
    norm = course(8, activation, 1.0, 0.5, "before")
    assert all(layer.deviation == pytest.approx(1, abs=0.01) for layer in norm.first)
    assert norm.losses[-1] < 0.1
    if activation == "sigmoid":
        assert bare.first[0].gradient < 1e-4 * bare.first[-1].gradient
        assert bare.losses[-1] > 0.6


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_slopes_are_those_of_autograd(activation):
    x = torch.linspace(-4, 4, 9, dtype=torch.float64).add(0.1).requires_grad_()
    (theirs,) = torch.autograd.grad(getattr(torch, activation)(x).sum(), x)
    np.testing.assert_allclose(slope(x.detach(), activation), theirs)
    (ours,) = [one for one in FUNCTIONS if one.name.lower() == activation]
    assert [ours.slope(at) for at in x.tolist()] == pytest.approx(theirs.tolist())


# activations


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("weight", [1.0, -2.0])
def test_the_product_of_slopes_is_that_of_autograd(function, weight):
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(8):
        y = getattr(torch, function.name.lower())(weight * y)
    (theirs,) = torch.autograd.grad(y, x)
    assert chain(function, 8, weight, 0.5)[-1] == pytest.approx(float(theirs))


@pytest.mark.parametrize(
    "train", [lambda: course(2, "tanh", 1.7, 0.1, ""), lambda: courses(1, "near", 0.3, 0.011)]
)
def test_a_short_training_takes_one_thread(monkeypatch, train):
    """With two, threads that wait for each other took a hundred seconds on a busy machine."""
    before, seen, grad = torch.get_num_threads(), set(), torch.autograd.grad

    def observed(*given):
        seen.add(torch.get_num_threads())
        return grad(*given)

    monkeypatch.setattr(torch.autograd, "grad", observed)
    assert train()
    assert seen == {1}
    assert torch.get_num_threads() == before


# inception, dense, stacks


def test_googlenets_block_3a():
    """163,696 with biases, counted on layers of torch and on the network of the zoo."""
    split = (64, 96, 128, 16, 32, 32)
    ours = [conv.params for path in paths(192, split) for conv in path]
    sizes = [(192, 64, 1), (192, 96, 1), (96, 128, 3), (192, 16, 1), (16, 32, 5), (192, 32, 1)]
    assert ours == [count(nn.Conv2d(*size)) for size in sizes]
    report = cnnviz.analyze(PRESETS["googlenet"].spec)
    built = [layer for layer in report.layers if layer.name.startswith("inception_3a.")]
    assert sum(ours) == sum(layer.params for layer in built) == 163_696
    macs = sum(conv.macs(28) for path in paths(192, split) for conv in path)
    assert macs == sum(layer.macs for layer in built)
    assert "163,696" in told("inception")


def test_the_naive_block_is_that_of_the_zoo():
    spec = PRESETS["googlenet"].spec.turn(module="naive")
    layers_ = [x for x in cnnviz.analyze(spec).layers if x.name.startswith("inception_3a.")]
    ours = naive(192, (64, 96, 128, 16, 32, 32))
    assert sum(conv.params for conv in ours) == sum(layer.params for layer in layers_)
    assert layers_[-1].output_shape[1] == 64 + 128 + 32 + 192
    assert "| 416 |" in told("inception")


def test_factorised_kernels():
    text = told("inception", kernel=7)
    assert "49·64² = 200,704" in text
    assert "27·64² = 110,592" in text
    assert "14·64² = 57,344" in text


def test_the_dense_block_of_the_course():
    """3 + 2·10 = 23 channels; its 1×1 leaves 10, where θ = 0.5 would leave 11."""
    assert [read_by(3, 10, layer) for layer in (1, 2, 3)] == [3, 13, 23]
    assert "3 + 2·10 = 23 channels" in told("dense")
    assert "⌊0.5·23⌋ = 11" in told("dense")
    assert "5·6/2 = 15" in told("dense", layers=5)
    convs = [nn.Conv2d(read_by(64, 32, at), 32, 3, bias=False) for at in range(1, 7)]
    assert weights(64, 32, 6) == count(*convs)


def test_dense_channels_are_those_of_densenet_121():
    report = cnnviz.analyze(PRESETS["densenet-121"].spec)
    reads = [
        layer.input_shapes[0][1]
        for layer in report.layers
        if re.fullmatch(r"block1\.layer\d+\.norm1", layer.name)
    ]
    assert reads == [read_by(64, 32, layer) for layer in range(1, 7)]


def test_three_small_kernels_against_one_of_7():
    assert fields(3) == [1, 3, 5, 7]
    assert "27/49 = 55.1 %" in told("stacks")
    stack = nn.Sequential(*(nn.Conv2d(1, 1, 3, bias=False) for _ in range(3))).double()
    x = torch.zeros(1, 1, 7, 7, dtype=torch.float64, requires_grad=True)
    for conv in stack:
        conv.weight.data.fill_(1)
    (seen,) = torch.autograd.grad(stack(x).sum(), x)
    assert bool((seen != 0).all())
    assert stack(x).shape[-1] == 1


def test_nin_block_and_separable_convolution():
    convs = [nn.Conv2d(96, 256, 5), nn.Conv2d(256, 256, 1), nn.Conv2d(256, 256, 1)]
    assert nin_block(96, 256, 5) == tuple(count(conv) for conv in convs)
    depthwise, point = (
        nn.Conv2d(32, 32, 3, groups=32, bias=False),
        nn.Conv2d(32, 64, 1, bias=False),
    )
    assert f"together {count(depthwise, point):,}" in told("stacks")


@pytest.mark.parametrize(("total", "groups"), [(6, 3), (6, 2), (12, 4), (5, 1), (8, 8)])
def test_the_shuffle_is_that_of_torch(total, groups):
    x = torch.arange(float(total)).view(1, total, 1, 1)
    assert shuffled(total, groups) == nn.ChannelShuffle(groups)(x).ravel().tolist()


# sharing, edges, channel attention


def test_parameters_of_a_layer_on_a_megapixel():
    assert count(nn.Conv2d(3, 10, 3)) == 280
    text = told("sharing")
    assert "1,000,000·1,000 = 1,000,000,000 weights" in text
    assert "3·3·3·10 = 270 weights + 10 biases = 280" in text


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 3), (4, 4)])
def test_a_convolution_follows_a_shift_and_a_dense_layer_does_not(right, down):
    before, after = correlate(scene(), KERNEL), correlate(scene(right, down), KERNEL)
    assert np.array_equal(moved(before, right, down), after)
    apart = fully_connected(scene()) - fully_connected(scene(right, down))
    assert np.linalg.norm(apart) > 0.3 * np.linalg.norm(fully_connected(scene()))


def test_a_convolution_of_a_moving_signal_moves_along():
    every = rows(LABS["sharing"].settings())
    first = every[0][1][0]
    for place, (row, answer, pooled, _) in enumerate(every):
        assert row.sum() == 5
        if 0 < place < len(every) - 1:  # at the ends a part of the answer is outside
            assert answer[0, place:].tolist() == first[: len(first) - place].tolist()
        assert pooled[0].tolist() == [max(answer[0, at : at + 3]) for at in (0, 3, 6)]


def test_the_edges_of_the_course():
    image = np.array([[1.0, 1, 0, 0, 0, 0, 1, 1]] * 6)
    assert correlate(image, FILTERS["difference"]).tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6
    assert not correlate(image.T, FILTERS["difference"]).any()


def test_the_learnt_kernel_is_that_of_autograd_and_near_the_true_one():
    image = np.array([[1.0, 1, 0, 0, 0, 0, 1, 1]] * 6)
    wanted = correlate(image, FILTERS["difference"])
    kernels, losses = learn(image, wanted, np.array([[0.3, 0.7]]), steps=10, rate=0.03)
    x, y = tensor(image)[None, None], tensor(wanted)[None, None]
    weight = tensor([[0.3, 0.7]])[None, None].requires_grad_()
    for kernel, loss in zip(kernels, losses, strict=True):
        np.testing.assert_allclose(kernel, weight.detach()[0, 0])
        error = ((F.conv2d(x, weight) - y) ** 2).sum()
        assert loss == pytest.approx(float(error.detach()))
        (gradient,) = torch.autograd.grad(error, weight)
        weight.data -= 0.03 * gradient
    assert kernels[-1].ravel() == pytest.approx([1, -1], abs=0.1)


def test_the_film_of_learning_ends_at_what_was_learnt():
    """A frame a step, with the kernel of the table; the last answer is nearest to the wanted."""
    lab = LABS["edges"]
    film, _, table, _ = lab.sections[2].show(lab.settings(steps=20))
    assert len(film.frames) == 21
    by_step = {row[0]: row for row in table.rows}
    for step in (0, 5, 20):
        shown = re.search("kernel (\\S+) (\\S+),", film.frames[step].en)
        in_table = by_step[str(step)][1].split()
        for one, other in zip(shown.groups(), in_table, strict=True):
            assert number(one) == pytest.approx(number(other), abs=0.005)


def number(text):
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("kernel", [[0.25] * 4, [1.0, -1.0], [0.5, 0.5]])
@pytest.mark.parametrize("frequency", [2, 16])
def test_a_tone_is_heard_as_loud_as_its_gain_says(kernel, frequency):
    """The same two sounds hold their loudness to one another, and no sample is cut."""
    before, after = heard(tone(frequency), np.array(kernel))
    assert before.rate == 8000
    rms = [float(np.sqrt((one.samples[:7680] ** 2).mean())) for one in (before, after)]
    assert rms[1] == pytest.approx(gain(np.array(kernel), frequency) * rms[0], abs=1e-9)
    assert max(np.abs(one.samples).max() for one in (before, after)) == pytest.approx(0.5)


def test_the_gate_is_that_of_the_zoo():
    """Squeeze and excitation of the paper, as layers of torch on the same maps."""
    generator = np.random.default_rng(0)
    x, first, second = (generator.normal(size=size) for size in ((4, 5, 6), (2, 4), (4, 2)))
    z = F.adaptive_avg_pool2d(tensor(x)[None], 1)[0, :, 0, 0]
    theirs = torch.sigmoid(tensor(second) @ torch.relu(tensor(first) @ z))
    np.testing.assert_allclose(gate(x, first, second)[2], theirs)


# LeNet


def test_lenets_counts_are_those_of_the_paper():
    """60,000 parameters and 340,908 connections."""
    assert sum(row[2] for row in layers()) == 60_000
    assert sum(row[4] for row in layers()) == 340_908
    assert sum(map(len, CONNECTIONS_C3)) == 60
    assert "456 + 909 + 151 = 1,516" in told("lenet")
    spec = PRESETS["lenet-5"].spec
    report = cnnviz.analyze(spec)
    for name, params in ((row[0], row[2]) for row in layers()[:-1]):
        built = sum(x.params for x in report.layers if x.name.split(".")[0] == name)
        assert built == params, name


def test_codes_are_84_pixels_and_all_differ():
    every = codes()
    assert every.shape == (10, 12, 7)
    assert set(np.unique(every)) == {-1.0, 1.0}
    for digit in range(10):
        found = distances(every[digit])
        assert found[digit] == 0
        assert sorted(found)[1] >= 4
    assert distances(noisy(7, 84))[7] == 84 * 4


def test_a_flipped_code_is_as_far_as_it_has_flips():
    for flips in (0, 1, 10, 84):
        assert distances(noisy(3, flips))[3] == 4 * flips


def test_nothing_warns_where_numbers_are_large():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lab = LABS["convolution"]
        lab.shown(lab.settings(image="999,999_999,999", kernel="999,-999"))


# the same in PyTorch

LISTED = [
    ("convolution", 0, {}),
    ("convolution", 0, {"padding": 2, "stride": 2, "dilation": 2, "flipped": True}),
    ("convolution", 2, {"outputs": 2}),
    ("convolution", 3, {}),
    ("pooling", 0, {"padding": 1, "kind": "average"}),
    ("pooling", 0, {"image": "-5,-4_-3,-2", "padding": 1}),
    ("pooling", 1, {}),
    ("batch-norm", 1, {"epsilon": 0.5}),
    ("batch-norm", 2, {}),
]


@pytest.mark.parametrize(("name", "section", "knobs"), LISTED)
def test_a_listing_runs_and_gives_the_labs_numbers(name, section, knobs):
    """Every number of its result stands in the lab, rounded as there."""
    parts = LABS[name].sections[section].show(LABS[name].settings(**knobs))
    (code,) = [part.text for part in parts if isinstance(part, Code)]
    ran = {}
    exec(code.replace("print(output)", ""), ran)
    output = torch.as_tensor(ran["output"])
    assert torch.allclose(output, ran.get("by_hand", output))
    shown = "\n".join(words for part in parts for words in words_of(part, "en"))
    found = {number(one) for one in re.findall(r"[−-]?\d+(?:\.\d+)?", shown.replace(code, ""))}
    for value in output.flatten().tolist():
        assert any(abs(value - one) < 2e-3 * max(1, abs(value)) for one in found), value
