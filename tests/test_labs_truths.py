"""What a lab says beyond its first view: typed decimals, knobs far out, and sentences that count.

Exact arithmetic in fractions, functions that are written down, and networks of the zoo decide.
"""

import itertools
import math
import re
from contextlib import nullcontext
from fractions import Fraction

import numpy as np
import pytest
import torch
from labs_driver import told, words_of

import cnnviz
from cnnviz.experiments import EXPERIMENTS
from cnnviz.labs import LABS
from cnnviz.labs.batch_norm.depth import course
from cnnviz.labs.batch_norm.steps import standardised
from cnnviz.labs.exact import summed
from cnnviz.labs.one_thread import LOST
from cnnviz.labs.parts import Picture
from cnnviz.labs.residual.toy import FEATURES, UNITS, run, samples, weights
from cnnviz.labs.windows import correlate
from cnnviz.zoo.densenet import compressed

DECIMALS = [Fraction(n, 10) for n in range(-9, 10)]
DEPTH = {"layers": 12, "activation": "relu", "scale": 4.0, "rate": 5.0}


def all_words(name, language="en", **knobs):
    """Every string of a lab, those of its films included."""
    lab = LABS[name]
    parts = itertools.chain(*lab.shown(lab.settings().turn(**knobs)))
    return "\n".join(line for part in parts for line in words_of(part, language))


# sums of decimals


def test_sums_of_decimals_are_zero_where_fractions_say_so():
    generator = np.random.default_rng(0)
    found = 0
    for _ in range(3000):
        terms = [DECIMALS[at] for at in generator.integers(0, len(DECIMALS), 6)]
        value = float(summed(np.array([float(term) for term in terms])))
        assert (value == 0) is (sum(terms) == 0)
        assert value == pytest.approx(float(sum(terms)), abs=1e-12)
        found += sum(terms) == 0
    assert found > 20


def test_a_small_product_is_no_rounding():
    """The smallest numbers that can be typed beside the largest that leave them visible."""
    image, kernel = np.array([[0.999999, 1.0]]), np.array([[1.000001, -1.0]])
    assert correlate(image, kernel)[0, 0] == pytest.approx(-1e-12, rel=1e-3)
    assert correlate(np.array([[1e-6]]), np.array([[1e-6]]))[0, 0] == 1e-12


@pytest.mark.parametrize(
    ("lab", "knobs", "said"),
    [
        (
            "convolution",
            {"image": "0.1,0.2,0.3_0.1,0.2,0.3", "kernel": "1,1,-1"},
            "0.1 + 0.2 + (−0.3) = 0",
        ),
        (
            "convolution",
            {"channel_1": "0.1,0.2,0_0.3,0,0_0,0,0", "kernel_1": "1,1_-1,0"},
            "0.1·1 + 0.2·1 + 0.3·(−1) + 0·0 = 0",
        ),
        (
            "convolution",
            {"pixels": "0.1,0,0,0_0.2,1,1,1_0.3,1,1,1", "weights": "1,1,-1"},
            "1·0.1 + 1·0.2 + (−1)·0.3 = 0",
        ),
        ("pooling", {"image": "0.1,0.2_-0.3,0", "kind": "average"}, "= 0 / 4 = 0"),
        ("pooling", {"maps": "0.1,0.2,-0.3"}, "(0.1 + 0.2 + (−0.3)) / 3 = 0"),
        ("sharing", {"signal": "0.1,0.3", "detector": "3,-1"}, "convolution 0 "),
        (
            "batch-norm",
            {"batch": "0.1,1_0.1,2_0.1,3", "epsilon": 0.00001},
            "x̂ = (0.1 − 0.1) / √(0 + 10⁻⁵) = 0",
        ),
        ("batch-norm", {"batches": "0.1,0.2,-0.3"}, "0.9·0 + 0.1·0 = 0"),
    ],
)
def test_decimals_that_cancel_leave_nothing(lab, knobs, said):
    text = all_words(lab, **knobs).replace("1·10⁻⁵", "10⁻⁵")
    assert not re.search("10⁻¹[5-9]|10⁻[23]", text)
    assert said in text


def test_what_is_normalised_stands_as_text_beside_its_result():
    """By hand: 1 2 3 6 have mean 3 and variance 3.5, (1 − 3) / √3.5 = −1.069; γ = 2 doubles it."""
    text = told("batch-norm", gamma="2,2")
    assert "| −1.069 −0.5345 0 1.604 | −2.138 −1.069 0 3.207" in text


def test_an_edge_of_a_decimal_occurs_once_in_the_list():
    text = told("edges", stripes="0.1,0.4,0.7_0.3,0,0.3")
    assert "Values that occur: −0.3, 0.3." in text


def test_a_feature_that_never_changes_is_not_blown_up():
    """0.1 thrice has no variance; rounding once made −1 of it."""
    x = np.array([[0.1], [0.1], [0.1]])
    assert standardised(x, (0,), 0).ravel().tolist() == [0, 0, 0]
    assert standardised(x, (0,), 1e-12).ravel().tolist() == [0, 0, 0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_division_by_zero_is_said(language):
    said = {"en": "0 / 0 is no number", "zh": "0 / 0 没有意义"}[language]
    flat = {"batch": "5,1_5,2_5,3", "epsilon": 0}
    assert said in all_words("batch-norm", language, **flat)
    assert said not in all_words("batch-norm", language, **{**flat, "epsilon": 1e-5})
    assert said in all_words("batch-norm", language, epsilon=0)  # a channel 2 2 of an image
    assert said not in all_words("batch-norm", language, epsilon=0, norm_2="5,7_2,3_20,24_4,8")
    last = {"batches": "1,3_4,4", "momentum": 0.0, "epsilon": 0, "new": 5}
    assert "√(0 + 0) = no number" in told("batch-norm", **last)


# knobs far out


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_training_that_diverged_says_so_in_place_of_nan(language, place):
    text = all_words("batch-norm", language, place=place, **DEPTH)
    assert not re.search(r"\b(nan|inf)\b", text)
    assert LOST(language) in text


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("rate", [0.001, 5.0])
def test_every_training_has_finite_numbers_or_none_at_its_end(activation, rate):
    for norm in ("", "before", "after"):
        found = course(12, activation, 4.0, rate, norm)
        assert found.first
        for layer in (*found.first, *found.last):
            figures = (layer.mean, layer.deviation, layer.gradient, *layer.shares)
            assert all(map(math.isfinite, figures))
        assert all(map(math.isfinite, found.losses))


@pytest.mark.parametrize("percent", range(10, 101))
def test_a_transition_keeps_what_fractions_say(percent):
    """⌊0.29·100⌋ is 29, which 0.29 × 100 in base two misses; the network of the zoo agrees."""
    for channels in range(1, 400):
        exact = math.floor(Fraction(percent, 100) * channels)
        assert compressed(channels, percent / 100) == exact
    knobs = {"start": 40, "growth": 30, "layers": 2, "compression": percent / 100}
    assert f"·100⌋ = {percent}" in told("dense", **knobs)


@pytest.mark.parametrize("weight", [-2.0, -0.5, 2.0])
def test_a_power_of_a_negative_weight_is_in_brackets(weight):
    (line,) = [one for one in told("activation", weight=weight).splitlines() if "all are on" in one]
    expression, value = line.partition(": ")[2].replace("−", "-").split(" = ")
    assert eval(expression.replace("^", "**")) == pytest.approx(float(value), rel=1e-3)


@pytest.mark.parametrize(("kernel", "dilation"), [*itertools.product((1, 2, 3, 4), (1, 2, 3))])
def test_same_padding_keeps_the_size_or_is_no_number(kernel, dilation):
    rows = told("convolution", size_n=30, size_k=kernel, size_d=dilation, size_s=1).splitlines()
    (same,) = [row for row in rows if "“same”" in row]
    name, padding, size, _ = same.split(" | ")
    assert ("d·(k − 1)" in name) is (dilation > 1)
    assert float(padding) == dilation * (kernel - 1) / 2
    assert size == ("30" if float(padding) % 1 == 0 else "–")


@pytest.mark.parametrize("groups", range(1, 9))
def test_groups_that_are_shuffled_have_a_colour_each(groups):
    settings = LABS["stacks"].settings().turn(total=2 * groups, groups=groups)
    section = LABS["stacks"].sections[-1]
    (picture,) = [part for part in section.show(settings) if isinstance(part, Picture)]
    filled = Filled()
    picture.draw(filled, lambda text: text.en)
    assert len(filled.colours) == groups


class Filled:
    """A canvas that only notes the colours of boxes."""

    def __init__(self):
        self.colours = set()

    def rect(self, x, y, width, height, colour, **more):
        self.colours.add(colour)

    def text(self, *args, **more):
        pass

    line = text

    def part(self, name):
        return nullcontext()


# sentences that count


@pytest.mark.parametrize("depth", [1, 8])
def test_the_identity_can_be_had_without_shortcuts(depth):
    """x = ReLU(x) − ReLU(−x): what gradient descent is said not to find is there to be found."""
    both = torch.cat([torch.eye(FEATURES), -torch.eye(FEATURES)])
    assert [one.shape for one in weights(1, 1.0)] == [both.shape, both.T.shape]
    assert UNITS == 2 * FEATURES
    x = samples()
    assert torch.equal(run(x, [both, both.T] * depth, residual=False), x)


def test_initial_weights_keep_the_variance_of_a_plain_network():
    x = torch.randn(4000, FEATURES, generator=torch.Generator().manual_seed(0))
    ratios = [
        (run(x, weights(1, 1.0, seed), residual=False).square().mean() / x.square().mean()).item()
        for seed in range(60)
    ]
    assert np.mean(ratios) == pytest.approx(1, rel=0.1)


def test_an_experiment_says_how_many_parameters_its_network_has():
    params = {cnnviz.analyze(arm.spec).params for arm in EXPERIMENTS["images-number"].arms}
    limits = EXPERIMENTS["images-number"].limits
    assert params == {61_706}
    assert "62,000 parameters" in limits.en
    assert "6.2 万参数" in limits.zh


def test_the_sigmoids_of_lenet_are_as_many_as_its_experiment_says():
    experiment = EXPERIMENTS["activation-relu-or-sigmoid"]
    layers = cnnviz.analyze(experiment.arm("sigmoid").spec).layers
    assert sum(layer.operation == "sigmoid" for layer in layers) == 4
    assert f"1/{4**4}" in experiment.why.en
    assert f"1/{4**4}" in experiment.why.zh
