"""The labs of shortcuts, batch norm and activations against the course's numbers and autograd."""

import itertools
import math

import numpy as np
import pytest
import torch
from labs_driver import count, tensor, told
from torch import nn

from cnnviz.labs import LABS, one_thread
from cnnviz.labs.activation.curves import FUNCTIONS, chain
from cnnviz.labs.batch_norm.averages import running, spreads
from cnnviz.labs.batch_norm.depth import course, slope
from cnnviz.labs.batch_norm.steps import maps, standardised
from cnnviz.labs.residual.blocks import ORDERS, basic, bottleneck, pipeline, residual_block
from cnnviz.labs.residual.classes import TARGETS, errors
from cnnviz.labs.residual.paths import all_paths, gradients, without
from cnnviz.labs.residual.toy import courses
from cnnviz.labs.written import matrix
from cnnviz.zoo import PRESETS

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
def test_a_short_training_takes_one_thread(monkeypatch, train, two_threads):
    """With two, threads that wait for each other took a hundred seconds on a busy machine."""
    monkeypatch.setattr(one_thread, "_THREADS", 2)
    seen, grad = set(), torch.autograd.grad

    def observed(*given):
        seen.add(torch.get_num_threads())
        return grad(*given)

    monkeypatch.setattr(torch.autograd, "grad", observed)
    assert train()
    assert seen == {1}
    assert torch.get_num_threads() == 2
