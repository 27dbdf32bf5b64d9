"""One record an op: it is a function of torch, and whatever shows it has something to show."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.analysis.counting.conventions import CONVENTIONS, node_operations
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.analysis.ops.table import OPS, WORDS, word
from cnnviz.render.colouring import COLOURINGS, Colouring
from cnnviz.render.diagram import draw
from cnnviz.render.explain import explain
from cnnviz.render.formulas import cost, parameters, sizes, window
from cnnviz.render.kinds import KINDS, op_text
from cnnviz.render.shape_table import shape_rows

OPERATORS = {"getitem", "setitem"}
MERGED = {"rnn_tanh", "rnn_relu", "gru", "lstm", "channel_shuffle"}


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_a_record_is_of_a_function_of_torch(op):
    places = (torch, F, torch.Tensor, torch._C._VariableFunctions)
    assert op.name in OPERATORS or any(hasattr(place, op.name) for place in places)
    assert op.kind in KINDS
    assert bool(op.macs) == (op.kind in ("convolution", "linear"))
    assert op.axes == 0 or op.name.endswith(f"{op.axes}d")
    assert op.biased <= bool(op.macs)


def test_records_are_one_an_op():
    assert len({id(op) for op in OPS.values()}) == len(OPS) <= len(WORDS)
    assert word("linalg_inv") == ("linalg inv", "linalg inv")


def images(x):
    """Everything that maps go through."""
    yield F.conv_transpose2d(x, torch.ones(4, 2, 2, 2), groups=2)
    yield F.conv2d(x, torch.ones(4, 1, 3, 3), groups=4, padding="same", dilation=2)
    yield F.conv2d(x, torch.ones(4, 2, 3, 3), groups=2)
    yield F.max_pool2d(x, 3, 2, 1, ceil_mode=True)
    yield F.adaptive_max_pool2d(x, 2)
    yield F.adaptive_avg_pool2d(x, (3, 4))
    yield F.interpolate(x, scale_factor=2)
    yield F.pixel_shuffle(x, 2)
    yield F.pixel_unshuffle(x, 2)
    yield F.grid_sample(x, torch.zeros(1, 3, 3, 2), align_corners=False)
    yield F.unfold(x, 2)
    yield F.instance_norm(x)
    yield torch.channel_shuffle(x, 2)
    yield torch.fft.rfft2(x).real
    yield from (f(x) for f in (F.gelu, F.silu, F.celu, F.softsign, torch.erf, torch.logical_not))
    yield torch.where(x > 0, x, x.roll(1, 2)).masked_fill(x.isnan(), 0)
    yield x.max(1).values
    yield x.topk(2, 1)[0].sum()
    yield torch.stack([x, x], 1).argmax(1)


def vectors(x):
    """And what rows of numbers go through."""
    y = x.flatten(2)
    yield F.conv1d(y, torch.ones(3, 4, 3))
    yield F.max_pool1d(y, 2)
    yield F.scaled_dot_product_attention(y, y, y)
    yield F.normalize(y @ y.mT).softmax(-1)
    yield torch.einsum("nct,nct->n", y, y)
    yield torch.einsum("nct,nct->", y, y)
    yield torch.baddbmm(y @ y.mT, y, y.mT).norm(dim=1)
    yield torch.linalg.inv(y @ y.mT)
    yield F.layer_norm(y, y.shape[1:]).var(1)


class All(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.volumes = nn.Sequential(
            nn.Conv3d(1, 2, 2), nn.MaxPool3d(2), nn.ConvTranspose3d(2, 1, 2)
        )
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.steps = nn.GRU(4, 3, batch_first=True)
        self.words = nn.Embedding(5, 4)

    def forward(self, x):
        y = x.flatten(2).mT
        others = self.volumes(x[:, None]), self.attention(y, y, y)[0], self.steps(y)[0]
        return [*self.function(x), *others, self.words(torch.arange(5)) + y[:, :5]]


@pytest.mark.parametrize("function", [images, vectors])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_op_is_drawn_and_told(function, language):
    report = cnnviz.analyze(All(function), (1, 4, 8, 8))
    opened = open_to_depth(report, 99)
    graph = fold(report, opened)
    for node in graph.nodes:
        assert op_text(node, language)
        assert "_" not in op_text(node, language)
        explain(node)
        parameters(report, node)
        sizes(node)
        window(node)
        for counting in CONVENTIONS:
            node_operations(report, node, counting)
            cost(report, node, counting)
    for colour_by in COLOURINGS:
        fill = Colouring(report, graph, colour_by)
        assert all(fill(node).colour for node in graph.nodes)
        assert fill.legend(language)
    assert draw(report, (), language).count('class="node') == len(fold(report).nodes) + 1
    assert draw(report, opened, language).count('class="node') == len(graph.nodes) + 1
    assert len(shape_rows(report, graph, "all", language)) >= len(graph.nodes)
