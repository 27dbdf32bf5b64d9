"""The maps of a layer, against the network taken apart by hand."""

import numpy as np
import pytest
import torch

import cnnviz
from cnnviz.analysis.maps import MOST_MAPS, feature_maps, layers_with_maps


def test_maps_are_what_the_layer_gives():
    torch.manual_seed(0)
    module = cnnviz.spec("resnet-20").build().eval()
    image = torch.randn(1, 3, 32, 32)
    found = feature_maps(module, image, "stem.conv")
    with torch.no_grad():
        expected = module.stem.conv(image)
    np.testing.assert_allclose(found.maps, expected[0].numpy(), rtol=1e-5)
    assert found.shape == (16, 32, 32)
    late = feature_maps(module, image, "stage3.block1.body.conv1")
    assert late.shape == (64, 8, 8)
    assert len(late.maps) == MOST_MAPS
    assert not module.stem.conv._forward_hooks, "the module comes back as it was"


def test_a_map_is_not_written_over_by_the_layer_after_it():
    module = torch.nn.Sequential(torch.nn.Identity(), torch.nn.ReLU(inplace=True))
    assert feature_maps(module, torch.full((1, 1, 2, 2), -1.0), "0").maps.min() == -1


@pytest.mark.parametrize("name", ["lenet-d2l", "googlenet", "resnet-50", "densenet-121"])
def test_every_layer_in_the_list_has_maps(name):
    spec = cnnviz.spec(name)
    layers = layers_with_maps(spec)
    shapes = {layer.name: layer.output_shape for layer in cnnviz.analyze(spec).layers}
    module = spec.build()
    image = torch.zeros(spec.input_shape)
    for layer in (layers[0], layers[len(layers) // 2], layers[-1]):
        assert feature_maps(module, image, layer).shape == shapes[layer][1:]
