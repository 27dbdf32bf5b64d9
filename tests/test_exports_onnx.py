"""The .onnx of a network computes what the network does, in a runtime of another maker."""

import onnxruntime
import pytest
import torch
from conftest import few

import cnnviz
from cnnviz.__main__ import main
from cnnviz.exports import onnx
from cnnviz.exports.errors import ExportError
from cnnviz.zoo import FAMILIES, PRESETS

# One of each family with every kind of op it has, and few of each.
SMALL = {
    "lenet": {},
    "alexnet": {"hidden_features": 32},
    "vgg": {
        "depths": (1, 1),
        "widths": (8, 8),
        "hidden_features": 8,
        "image_size": 32,
        "lrn": True,
    },
    "nin": {"widths": (8, 8, 8), "image_size": 96},
    "googlenet": {"auxiliary_heads": True, "image_size": 112},
    "inception-bn": {"image_size": 32},
    "inception-v3": {"depths": (1, 1, 1), "image_size": 96},
    "inception-v4": {"depths": (1, 1, 1), "image_size": 96},
    "inception-resnet": {"depths": (1, 1, 1), "image_size": 96},
    "resnet": {"depths": (1, 1), "reduction": 4, "groups": 2, "image_size": 32},
    "densenet": {"depths": (2, 2), "image_size": 32},
    "xception": {"middle_blocks": 1, "entry_channels": (8, 16), "image_size": 64},
    "mobilenet": {"depths": (1, 1), "image_size": 32},
    "mobilenet-v2": {"depths": (1, 2, 1, 1, 1, 1, 1), "image_size": 32},
    "shufflenet": {"depths": (2, 1), "image_size": 32},
    "shufflenet-v2": {"depths": (2, 1, 1), "image_size": 32},
    "squeezenet": {"modules": 3, "bypass": "complex", "image_size": 32},
    "mobilenet-v3": {"size": "small", "last_channels": 32, "image_size": 32},
    "convnext": {"depths": (2, 1, 1, 1), "width": 8, "image_size": 32},
    "regnet": {"depth": 3, "squeeze_excite": True, "image_size": 32},
    "efficientnet-v2": {"depths": (1, 2, 1, 1, 1, 1), "image_size": 32},
    "efficientnet": {"depths": (1, 2, 1, 1, 1, 1, 1), "image_size": 32},
}


def agrees(spec, file):
    """Whether the file gives the network's outputs, for more images than it was made with, too."""
    network = spec.build().eval()
    cnnviz.export(network, file, input_shape=spec.input_shape)
    assert network.state_dict().keys() == spec.build().state_dict().keys()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    for images in (1, 2):
        image = torch.randn(images, *spec.input_shape[1:])
        with torch.no_grad():
            expected = network(image)
        expected = expected if isinstance(expected, tuple) else (expected,)
        outputs = session.run(None, {onnx.INPUT: image.numpy()})
        for one, other in zip(expected, map(torch.from_numpy, outputs), strict=True):
            scale = one.abs().max()
            torch.testing.assert_close(other / scale, one / scale, rtol=1e-3, atol=1e-4)
    return True


def test_every_family_is_small():
    assert SMALL.keys() == FAMILIES.keys()


@pytest.mark.parametrize("family", few(SMALL, {"lenet"}))
def test_onnx_of_each_family(tmp_path, family):
    assert agrees(cnnviz.spec(family, **SMALL[family]), tmp_path / "x.onnx")


@pytest.mark.sweep
@pytest.mark.parametrize("name", PRESETS)
def test_onnx_of_every_preset(tmp_path, name):
    assert agrees(PRESETS[name].spec, tmp_path / "x.onnx")


def test_an_op_without_words_in_onnx_is_a_sentence(tmp_path):
    class Bessel(torch.nn.Module):
        def forward(self, x):
            return torch.special.bessel_j0(x)

    with pytest.raises(ExportError, match=r"cannot write the network as ONNX: .*bessel_j0"):
        cnnviz.export(Bessel(), tmp_path / "x.onnx", input_shape=(1, 3, 4, 4))


def test_what_one_file_cannot_hold_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(onnx, "MOST_BYTES", 100_000)
    assert main(["export", "lenet", "-o", str(tmp_path / "x.onnx")]) == 2
    assert "at most 100,000" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
