"""What bounds an op, by hand."""

import pytest

import cnnviz
from cnnviz.analysis.timing.peak import Peak
from cnnviz.analysis.timing.roofline import limit, moved_bytes, point

PEAK = Peak(flops=1e12, bandwidth=1e11)  # they meet at ten operations a byte
LAYERS = {layer.name: layer for layer in cnnviz.analyze(cnnviz.spec("resnet-18")).layers}


def of(operation, shape):
    return next(
        layer
        for layer in LAYERS.values()
        if layer.operation == operation and layer.input_shape[1:] == shape == layer.output_shape[1:]
    )


def test_a_convolution_by_hand():
    layer, pixels = of("conv2d", (64, 56, 56)), 56 * 56
    moved = 4 * (8 * 2 * 64 * pixels + 64 * 64 * 9)
    assert moved_bytes(layer, 8, "fp32") == moved
    assert moved_bytes(layer, 8, "fp16") == moved / 2
    found = point(layer, 2.0, batch=8, precision="fp32", peak=PEAK)
    assert found.operations == 8 * 2 * 9 * 64 * 64 * pixels
    assert found.flops == pytest.approx(found.operations / 0.002)
    assert found.bandwidth == pytest.approx(moved / 0.002)
    assert found.bound == "compute"


def test_an_addition_moves_more_than_it_computes():
    layer = of("add", (64, 56, 56))
    assert moved_bytes(layer, 1, "fp32") == 4 * 3 * 64 * 56 * 56
    found = point(layer, 2.0, batch=1, precision="fp32", peak=PEAK)
    assert found.intensity == pytest.approx(1 / 12)
    assert found.bound == "memory"


def test_an_op_whose_kernels_are_short_is_bound_by_its_launch():
    layer = of("add", (64, 56, 56))
    bounds = [
        point(layer, 2.0, batch=1, precision="fp32", peak=PEAK, kernels=kernels).bound
        for kernels in (0.5, 1.5)
    ]
    assert bounds == ["launch", "memory"]


def test_what_computes_nothing_has_no_place():
    flatten = next(layer for layer in LAYERS.values() if layer.operation == "flatten")
    assert point(flatten, 1.0, batch=1, precision="fp32", peak=PEAK) is None
    assert point(of("add", (64, 56, 56)), 0.0, batch=1, precision="fp32", peak=PEAK) is None


def test_the_roof():
    assert [limit(x, PEAK) for x in (1, 10, 1000)] == [1e11, 1e12, 1e12]
