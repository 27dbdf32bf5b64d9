"""Torch refuses shapes by errors of several types; each of them is a sentence with its layer."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnviz.analysis import BrokenNetwork, analyze
from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.refusals import NoBatch
from cnnviz.text import ExplainedError


class Calls(nn.Module):
    """A function of the input, after a ReLU."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(F.relu(x))


class Twice(nn.Module):
    """A part that reads the input as both of its arguments."""

    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, x):
        return self.part(x, x)


def after_relu(layer):
    return nn.Sequential(nn.ReLU(), layer)


SENTENCES = [
    (
        after_relu(nn.GroupNorm(4, 4)),
        (1, 4, 1, 1),
        (
            "1 (group norm) got 4×1×1 and needs at least 2 values in each group.",
            "1（组规范化）得到 4×1×1，需要每组至少有 2 个数值。",
        ),
        ValueError,
    ),
    (
        after_relu(nn.InstanceNorm2d(4)),
        (2, 4, 1, 1),
        (
            "1 (instance norm) got 4×1×1 and needs at least 2 values in each map.",
            "1（实例规范化）得到 4×1×1，需要每张特征图至少有 2 个数值。",
        ),
        ValueError,
    ),
    (
        after_relu(nn.BatchNorm2d(4, track_running_stats=False)),
        (1, 4, 1, 1),
        (
            "1 (batch norm) got 4×1×1 and needs at least 2 values in each channel.",
            "1（批量规范化）得到 4×1×1，需要每个通道至少有 2 个数值。",
        ),
        ValueError,
    ),
    (
        nn.Sequential(nn.Flatten(), nn.BatchNorm2d(4)),
        (2, 4, 3, 3),
        (
            "1 (BatchNorm2d) got 36 and cannot run. torch says: expected 4D input (got 2D input)",
            "1（BatchNorm2d）得到 36，无法运行。torch 的报错：expected 4D input (got 2D input)",
        ),
        ValueError,
    ),
    (
        after_relu(nn.LSTM(5, 4)),
        (2, 4, 3),
        (
            "1 (LSTM) got 4×3 and cannot run. torch says: input.size(-1) must be equal",
            "1（LSTM）得到 4×3，无法运行。torch 的报错：input.size(-1) must be equal",
        ),
        RuntimeError,
    ),
    (
        Calls(lambda x: F.interpolate(x, size=(2, 2, 2))),
        (1, 4, 3, 3),
        (
            "interpolate (resize) got 4×3×3 and cannot run. torch says: Input and output must",
            "interpolate（缩放尺寸）得到 4×3×3，无法运行。torch 的报错：Input and output must",
        ),
        ValueError,
    ),
    (
        Calls(lambda x: x.mean((2, 3))),
        (1, 36),
        (
            "mean (mean) got 36 and cannot run. torch says: Dimension out of range",
            "mean（均值）得到 36，无法运行。torch 的报错：Dimension out of range",
        ),
        IndexError,
    ),
    (
        Calls(lambda x: x[:, 9]),
        (1, 4, 3, 3),
        (
            "getitem (pick) got 4×3×3 and cannot run. torch says: index 9 is out of bounds",
            "getitem（切片）得到 4×3×3，无法运行。torch 的报错：index 9 is out of bounds",
        ),
        IndexError,
    ),
    (
        after_relu(nn.TransformerEncoderLayer(8, 2)),
        (3, 2, 12),
        (
            "1.self_attn.multi_head_attention_forward (attention) got 2×12 + 2×12 + 2×12 and "
            "cannot run. torch says: was expecting embedding dimension of 8, but got 12",
            "1.self_attn.multi_head_attention_forward（注意力）得到 2×12 + 2×12 + 2×12，无法运行。"
            "torch 的报错：was expecting embedding dimension of 8, but got 12",
        ),
        AssertionError,
    ),
    (
        Calls(lambda x: torch.stack([x, x], 9)),
        (1, 4, 3, 3),
        (
            "stack (stack) got 4×3×3 + 4×3×3 and cannot run. torch says: Dimension out of range",
            "stack（stack）得到 4×3×3 + 4×3×3，无法运行。torch 的报错：Dimension out of range",
        ),
        IndexError,
    ),
]


@pytest.mark.parametrize("device", ["meta", "cpu"])
@pytest.mark.parametrize(
    ("module", "shape", "sentence", "kind"), SENTENCES, ids=[case[2][0][:24] for case in SENTENCES]
)
def test_what_torch_refuses_is_a_sentence(module, shape, sentence, kind, device):
    with pytest.raises(BrokenNetwork) as broken:
        analyze(module, shape, device)
    error = broken.value
    assert type(error.__cause__) is kind
    assert error.message.en.startswith(sentence[0])
    assert error.message.zh.startswith(sentence[1])
    last = error.partial.layers[-1]
    assert (last.kind, last.inputs) == (BROKEN, (0,))
    assert len(error.partial.layers) == 2


C, WIDTH = 4, 3  # channels and features that the layers below are made for
LAYERS = [
    *(norm(C) for norm in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)),
    *(norm(C) for norm in (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)),
    *(nn.GroupNorm(2, C), nn.GroupNorm(C, C), nn.LayerNorm(WIDTH), nn.LocalResponseNorm(2)),
    *(conv(C, 2, 2) for conv in (nn.Conv1d, nn.Conv2d, nn.Conv3d)),
    *(conv(C, 2, 2) for conv in (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)),
    *(pool(2) for pool in (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)),
    *(pool(2) for pool in (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)),
    *(pool(2) for pool in (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)),
    *(nn.LPPool2d(2, 2), nn.FractionalMaxPool2d(2, output_size=2), nn.MaxPool2d((2, 2, 2))),
    *(pad(2) for pad in (nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReplicationPad2d)),
    *(pad(2) for pad in (nn.CircularPad2d, nn.ZeroPad2d)),
    *(nn.Linear(WIDTH, 2), nn.PReLU(C), nn.GLU(1), nn.Softmax(2), nn.Softmax2d(), nn.Hardtanh()),
    *(
        nn.LSTM(WIDTH, 2),
        nn.GRU(WIDTH, 2),
        nn.RNN(WIDTH, 2),
        nn.GRUCell(WIDTH, 2),
        nn.LSTMCell(WIDTH, 2),
    ),
    *(nn.Flatten(), nn.Flatten(2), nn.Unflatten(1, (2, 2)), nn.Unfold(2), nn.Fold(4, 2)),
    *(nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(2), nn.Dropout2d()),
    *(nn.Upsample(scale_factor=2), nn.Upsample(size=(4, 4), mode="bilinear")),
    nn.TransformerEncoderLayer(WIDTH, 1, 4),
    Twice(nn.Transformer(6, 2, 1, 1, 4, batch_first=True)),
    *(Calls(lambda x: x.permute(0, 2, 1)), Calls(lambda x: x.mean((2, 3)))),
    *(Calls(lambda x: x.transpose(2, 3)), Calls(lambda x: x[:, :, 1])),
]
SHAPES = [
    (C,),
    (1, C),
    (1, C, WIDTH),
    (1, C, 1, 1),
    (2, C, WIDTH, WIDTH),
    (1, 5, WIDTH, WIDTH),
    (1, C, 2, 2, 2),
]


@pytest.mark.filterwarnings("ignore")  # of some shapes that it takes, torch warns
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_what_torch_cannot_run_is_a_sentence_and_what_it_can_is_a_report(layer):
    """Torch alone decides."""
    for shape in SHAPES:
        runs = True
        try:
            layer.eval()(torch.zeros(shape))
        except Exception:
            runs = False
        try:
            report = analyze(after_relu(layer), shape, "cpu")
        except NoBatch:
            assert len(shape) < 5
        except ExplainedError:
            assert not runs, shape
        else:
            assert runs, shape
            assert report.layers[0].operation == "relu"
