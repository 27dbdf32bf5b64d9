"""What a training step of somebody else's module keeps, against autograd; or it is named."""

import copy

import pytest
import torch
import torch.nn.functional as F
from test_memory import saved_by_autograd
from torch import nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

from cnnviz.analysis import analyze
from cnnviz.analysis.memory.autograd import matched
from cnnviz.analysis.memory.saved import NOTHING, Saved
from cnnviz.analysis.memory.step import training_memory

SHAPE = (2, 3, 16, 16)


def body():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1)
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = body(), nn.Conv2d(8, 8, 3, padding=1)
        self.gates = nn.ModuleList(nn.Linear(8, 8) for _ in range(2))


class Checkpointed(Net):
    def forward(self, x):
        return self.head(checkpoint(self.body, x + 1, use_reentrant=False)).relu()


class Reentrant(Net):
    def forward(self, x):
        x = self.head.weight.sum() * x
        return self.head(checkpoint_sequential(self.body, 2, x, use_reentrant=True))


class Frozen(Net):
    def forward(self, x):
        with torch.no_grad():
            x = self.body(x)
        return F.gelu(self.head(x)) * x


class Auxiliary(Net):
    def forward(self, x):
        x = self.body(x)
        if self.training:
            return self.gates[0](x.mean((2, 3))).tanh(), self.head(x).sigmoid()
        return self.gates[0](x.mean((2, 3))).tanh()


class Squares(torch.autograd.Function):
    """Saves its input and a mask, not what the functions inside would save."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x, x > 0)
        return torch.where(x > 0, x.exp().square(), x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Own(Net):
    def forward(self, x):
        return Squares.apply(self.body(x)).sqrt() + self.head(self.body(x)).abs()


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(16, 2, 24, dropout=0.1, batch_first=True)
        self.first = nn.Conv2d(3, 16, 4, 4)

    def forward(self, x):
        x = self.first(x).flatten(2).transpose(1, 2)
        q = x.unflatten(2, (2, 8)).transpose(1, 2)
        x = x + F.scaled_dot_product_attention(q, q, q).transpose(1, 2).flatten(2)
        return self.layer(x).masked_fill(x > 1, 0).amax(1)


class Queries(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.mix = nn.Embedding(6, 8), nn.Linear(8, 8)
        self.first = nn.Conv2d(3, 8, 1)

    def forward(self, x):
        queries = self.mix(self.words(torch.arange(6))).relu()
        return torch.einsum("qc,nchw->nqhw", queries, self.first(x)).softmax(1)


class Pooled(nn.Module):
    """A batch norm of one value a channel, which torch refuses to train on a batch of one."""

    def __init__(self):
        super().__init__()
        self.body, self.norm = body(), nn.BatchNorm2d(8)

    def forward(self, x):
        return self.norm(F.adaptive_avg_pool2d(self.body(x), 1)).relu()


class Masked(Net):
    """A mask of 5 × 5 bytes, which is no whole number of floats."""

    def forward(self, x):
        y = self.body(x)[:, :, :5, :5].masked_fill(torch.ones(5, 5).tril() == 0, -1)
        return self.head(y.softmax(-1))


class Cast(Net):
    """A part in half of the precision."""

    def forward(self, x):
        y = self.body(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = self.head(y)
        return y.float()


class Copying(Net):
    """A teacher: a copy of the body, made in the pass, that is not trained."""

    def forward(self, x):
        teacher, again = copy.deepcopy(self.body).requires_grad_(False), copy.deepcopy(self.head)
        return again(self.head(self.body(x) - teacher(x)).relu())


class Windowed(nn.Module):
    """Of a periodic window torch makes one number more."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 1, 1)

    def forward(self, x):
        window = torch.hann_window(16)
        bands = torch.stft(self.first(x).flatten(1), 16, 4, window=window, return_complex=True)
        return torch.istft(2 * bands, 16, 4, window=window)


KINDS = (
    *(Checkpointed, Reentrant, Frozen, Auxiliary, Own, Attention, Queries, Pooled, Masked, Cast),
    *(Copying, Windowed),
)


@pytest.mark.parametrize("kind", KINDS)
def test_as_autograd_saves_it(kind):
    report = analyze(kind(), SHAPE)
    assert report.unknown_saved == ()
    exact = saved_by_autograd(kind(), torch.rand(SHAPE))
    assert report.saved_bytes == sum(exact.values())


@pytest.mark.parametrize("kind", [Checkpointed, Auxiliary, Queries, Pooled, Masked])
def test_memory_of_any_batch(kind):
    one = analyze(kind(), (1, *SHAPE[1:]))
    five = analyze(kind(), (5, *SHAPE[1:]))
    assert training_memory(one, 5).activations == five.saved_bytes


def test_a_branch_of_training_has_a_row_that_is_not_of_the_pass():
    report = analyze(Auxiliary(), SHAPE)
    rows = {layer.name: layer for layer in report.layers if layer.kind == "unused"}
    assert rows["head"].saved_bytes == 4 * 2 * 8 * 256, "the sigmoid is of the network itself"
    assert {"head.weight", "head.bias", "gates.1.weight"} <= rows.keys()


def test_a_network_that_trains_in_another_way_is_named():
    class Detector(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 4, 1)

        def forward(self, x, targets=None):
            if self.training and targets is None:
                raise ValueError("targets have to be given in training")
            return self.first(x).relu()

    report = analyze(Detector(), SHAPE)
    assert report.unknown_saved == ("first", "relu")
    assert analyze(Detector(), inputs=(torch.zeros(SHAPE), torch.ones(1))).unknown_saved == ()


def test_rows_of_two_passes_are_matched_by_scope_and_function():
    rows = [("a", "conv2d"), ("", "add"), ("a", "conv2d")]
    one, two, five = (Saved(floats) for floats in (1, 2, 5))
    saving = [("a", "conv2d", one), ("", "mul", two), ("drop", "mul", five), ("a", "conv2d", None)]
    assert matched(rows, saving) == ([Saved(3), NOTHING, None], {"drop": five})


def test_what_keeps_a_workspace_is_named():
    """oneDNN's LSTM and the CPU's embedding bag keep more than shapes tell."""

    class Steps(nn.Module):
        def __init__(self):
            super().__init__()
            self.steps, self.words = nn.LSTM(8, 4, batch_first=True), nn.EmbeddingBag(5, 4)

        def forward(self, x):
            return self.steps(x)[0][:, -1] + self.words(torch.zeros(2, 3, dtype=torch.long))

    assert analyze(Steps(), (2, 5, 8)).unknown_saved == ("steps", "words")
