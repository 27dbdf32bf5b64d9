"""The labs of convolution, pooling, sharing and edges against the course's numbers and torch.

Where a number of the course is not kept, the reason stands beside it.
"""

import itertools
import re
import warnings

import numpy as np
import pytest
import torch
from labs_driver import count, tensor, told, words_of
from torch import nn
from torch.nn import functional as F

from cnnviz.labs import LABS
from cnnviz.labs.convolution.channels import over_channels, stacked
from cnnviz.labs.convolution.series import SAMPLES, filtered, gain, heard, matches, tone
from cnnviz.labs.convolution.steps import both, size_sum
from cnnviz.labs.edges.filters import FILTERS, learn
from cnnviz.labs.parts import Code
from cnnviz.labs.pooling.sums import pool
from cnnviz.labs.sharing.shift import KERNEL, fully_connected, moved, scene
from cnnviz.labs.sharing.signal import rows
from cnnviz.labs.windows import correlate, padded, size_after
from cnnviz.labs.written import matrix

IMAGE = np.arange(9.0).reshape(3, 3)


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


# sharing, edges, sound


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
