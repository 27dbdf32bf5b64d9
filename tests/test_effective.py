"""The effective receptive field, against the network taken apart by hand."""

import numpy as np
import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.real_run import LiveError
from cnnviz.analysis.receptive.effective import admit_gradient, effective_field


def test_it_is_the_gradient_of_the_unit():
    torch.manual_seed(0)
    spec = cnnviz.spec("resnet-20")
    module = spec.build()
    image = torch.randn(spec.input_shape)
    report = cnnviz.analyze(spec)
    names = [layer.name for layer in report.layers]
    position = names.index("stage2.block1.add")
    field = report.layers[position].field
    box = [axis.interval(at) for axis, at in zip(field, (9, 4), strict=True)]
    found = effective_field(module, image, position, (9, 4), (18, 8))
    module.eval()
    block = module.stage2[0]
    x = image.requires_grad_()
    before = module.stage1(module.stem(x))
    (block.body(before) + block.shortcut(before))[0, :, 9, 4].sum().backward()
    expected = x.grad[0].abs().sum(0)
    np.testing.assert_allclose(found.gradient, expected, rtol=1e-4, atol=1e-7)
    rows, columns = found.gradient.nonzero()
    assert box[0][0] <= rows.min() <= rows.max() <= box[0][1]
    assert box[1][0] <= columns.min() <= columns.max() <= box[1][1]
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())
    assert all(
        parameter.grad is None or parameter.requires_grad for parameter in module.parameters()
    )


def test_half_of_an_even_gradient():
    module = nn.Conv2d(1, 1, 7, bias=False)
    nn.init.constant_(module.weight, 1.0)
    found = effective_field(module, torch.ones(1, 1, 21, 21), 0, (7, 7), (10, 10))
    assert found.gradient.sum() == 49
    assert found.half == 5, "3×3 are 9 of 49 pixels, 5×5 are 25"


def test_what_does_not_fit_is_refused():
    spec = cnnviz.spec("densenet-264", image_size=1024, growth_rate=64)
    with pytest.raises(LiveError):
        admit_gradient(cnnviz.analyze(spec), "cpu")
    admit_gradient(cnnviz.analyze(cnnviz.spec("resnet-50")), "cpu")
