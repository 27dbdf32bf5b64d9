"""Nothing is counted as zero: MACs by hand and by torch's own counter."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention.flex_attention import flex_attention
from torch.utils.flop_counter import FlopCounterMode

import cnnviz
from cnnviz.analysis import analyze


class Calls(nn.Module):
    def __init__(self, function, *parts):
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, *args):
        return self.function(*args, *self.parts)


def counted_by_torch(module, *args):
    """FlopCounterMode on the meta device, where attention is taken apart into its products."""
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module.to("meta").eval()(*[x.to("meta") for x in args])
    finally:
        torch.backends.mha.set_fastpath_enabled(True)
    return counter.get_total_flops() // 2


def encoder():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


WORDS = (1, 5, 8)


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (encoder(), WORDS),
        (nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), WORDS),
        (Calls(lambda x, a: a(x, x, x)[0], nn.MultiheadAttention(8, 2, batch_first=True)), WORDS),
        (Calls(lambda x: F.scaled_dot_product_attention(x[None], x[None], x[None])), WORDS),
        (Calls(lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True)), (1, 2, 5, 4)),
        (Calls(lambda x: torch.einsum("bnc,bmc->bnm", x, x)), WORDS),
        (Calls(lambda x: torch.tensordot(x, x, ([2], [2]))), WORDS),
        (Calls(lambda x: torch.baddbmm(x @ x.mT, x, x.mT)), WORDS),
        (Calls(lambda x: torch.linalg.multi_dot([x[0].T, x[0], x[0].T])), WORDS),
        (Calls(lambda x: torch.chain_matmul(x[0].T, x[0])), WORDS),
        (nn.Conv3d(2, 4, (1, 3, 3), padding=(0, 1, 1), groups=2), (1, 2, 4, 5, 6)),
        (nn.ConvTranspose3d(2, 4, 3, 2, 1, 1), (1, 2, 4, 5, 6)),
        (nn.ConvTranspose1d(2, 4, 3, stride=2, groups=2), (1, 2, 9)),
        (nn.Conv1d(2, 4, 3, padding="same", dilation=2), (1, 2, 9)),
        (nn.LSTMCell(8, 4), (1, 8)),
    ],
)
@pytest.mark.filterwarnings("ignore:torch.chain_matmul:UserWarning")
def test_against_torchs_counter(module, shape):
    args = (torch.zeros(shape),) * (2 if "Decoder" in type(module).__name__ else 1)
    report = analyze(module, inputs=args)
    assert report.macs == counted_by_torch(module, *args) > 0
    assert report.unknown == ()
    assert sum(layer.params for layer in report.layers) == report.params


def test_what_nobody_knows_is_named():
    """Torch's counter does not know it, nor do we."""
    report = analyze(Pairs(nn.Bilinear(8, 8, 3)), WORDS)
    assert report.unknown == ("part",)
    assert report.macs == 0


class Pairs(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, x):
        return self.part(x, x)


@pytest.mark.parametrize(
    ("kind", "gates"), [(nn.RNN, 1), (nn.GRU, 3), (nn.LSTM, 4)], ids=["rnn", "gru", "lstm"]
)
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrence(kind, gates, directions):
    """Each step multiplies every weight matrix once."""
    layer = kind(8, 6, 2, batch_first=True, bidirectional=directions == 2)
    report = analyze(Calls(lambda x, part: part(x)[0], layer), (1, 5, 8))
    first, second = 6 * (8 + 6), 6 * (6 * directions + 6)
    assert report.macs == 5 * gates * directions * (first + second)
    assert report.unknown == ()


def test_layers_on_learned_starts_and_queries():
    """A start that is learned, as StyleGAN has, and the parts that read it alone."""

    class Start(nn.Module):
        def __init__(self):
            super().__init__()
            self.start = nn.Parameter(torch.ones(1, 8, 4, 4))
            self.places = nn.Embedding(16, 8)
            self.norm, self.mix = nn.LayerNorm(8), nn.Linear(8, 8)
            self.conv, self.last = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 3, 1)

        def forward(self, x):
            places = self.mix(self.norm(self.places(torch.arange(16)))).T.reshape(1, 8, 4, 4)
            start = self.conv(self.start.expand(len(x), -1, -1, -1).contiguous())
            return self.last(start + places) * x.mean((1, 2, 3), keepdim=True)

    report = analyze(Start(), (1, 3, 4, 4))
    layers = {layer.name: layer for layer in report.layers}
    assert report.macs == 16 * 64 + 16 * 64 * 9 + 16 * 24
    assert {"places", "norm", "mix", "conv", "last"} <= layers.keys()
    assert (layers["places"].params, layers["places"].inputs) == (128, ())
    assert layers["conv"].params == 128 + 8 * 72 + 8, "with the start that it reads"
    assert layers["mix"].inputs == (list(layers).index("norm"),)
    assert sum(layer.params for layer in report.layers) == report.params
    assert not any(layer.kind == "unused" for layer in report.layers)


def test_a_weight_made_by_a_product():
    """A low-rank adapter: its product is a row, and the layer reads it."""

    class Adapted(nn.Linear):
        def __init__(self):
            super().__init__(8, 8)
            self.a, self.b = nn.Parameter(torch.ones(2, 8)), nn.Parameter(torch.ones(8, 2))

        def forward(self, x):
            return F.linear(x, self.weight + self.b @ self.a, self.bias)

    module = Adapted()
    report = analyze(module, (3, 8))
    assert counted_by_torch(Adapted(), torch.zeros(3, 8)) == 3 * 64 + 128
    assert report.macs == 64 + 128 // 3
    assert [layer.operation for layer in report.layers] == ["matmul", "add", "linear"]
    assert report.layers[-1].inputs == (-1, 1)
    assert [layer.params for layer in report.layers] == [32, 64, 8]


def test_what_is_written_through_a_view_is_read():
    class Windows(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = (nn.Conv2d(3, 4, 1) for _ in range(3))
            self.last = nn.Conv2d(12, 4, 1)

        def forward(self, x):
            out = x.new_zeros(len(x), 3, 4, *x.shape[2:])
            first, second = out[:, 0], out.unbind(1)[1]
            first.copy_(self.a(x))
            second += self.b(x)
            torch.mul(self.c(x), 2, out=out[:, 2])
            return self.last(out.flatten(1, 2))

    report = analyze(Windows(), (1, 3, 4, 4))
    assert report.macs == 16 * (3 * 12 + 48)
    assert not any(layer.kind == "unused" for layer in report.layers)
    reached, ahead = set(), [len(report.layers) - 1]
    while ahead:
        here = ahead.pop()
        reached.add(report.layers[here].name)
        ahead += [source for source in report.layers[here].inputs if source >= 0]
    assert {"parts.0", "a", "b", "c"} & reached == {"a", "b", "c"}


def test_unknown_functions_that_multiply_nothing_cost_nothing():
    def many(x):
        y = torch.where(x > 0, x, x.erf()).masked_fill(x.isnan(), 0).cumsum(1)
        return torch.lerp(y, torch.roll(x, 1, 2), 0.5).topk(2, dim=1).values.tril()

    assert analyze(Calls(many), (1, 4, 5, 5)).unknown == ()
    report = analyze(Calls(lambda x: torch.linalg.inv(x @ x)), (1, 4, 4))
    assert report.unknown == ("linalg_inv",)
    assert report.macs == 64


def test_a_shared_activation_belongs_to_where_it_is_called():
    class Block(nn.Module):
        def __init__(self, act, width):
            super().__init__()
            self.lin, self.act = nn.Linear(width, width), act

        def forward(self, x):
            return self.act(self.lin(x))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            act = nn.GELU()
            self.act = act
            self.blocks = nn.ModuleList(Block(act, 4) for _ in range(2))
            self.__dict__["hidden"] = self.blocks[0].lin

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return self.act(self.hidden(x))

    scopes = [layer.scope for layer in cnnviz.analyze(Net(), (1, 4)).layers]
    assert scopes[:4] == ["blocks.0.lin", "blocks.0.act", "blocks.1.lin", "blocks.1.act"]
    assert scopes[4:] == ["blocks.0.lin:2", "act"]


def test_attention_with_a_function_of_ones_own():
    """The whole map of scores is counted, as of any attention; what it trains with is not known."""

    class Flexible(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(8, 24)

        def forward(self, x):
            query, key, value = self.first(x).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
            return flex_attention(query, key, value, score_mod=lambda score, b, h, i, j: score + i)

    report = cnnviz.analyze(Flexible(), (1, 16, 8))
    (row,) = [layer for layer in report.layers if layer.operation == "flex_attention"]
    assert row.macs == 2 * 16 * 16 * (4 + 4)
    assert report.macs == row.macs + 16 * 8 * 24
    assert report.unknown == ()
    assert row.name in report.unknown_saved


def test_a_copy_of_a_layer_made_in_the_pass():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.only = nn.Conv2d(3, 3, 3)

        def forward(self, x):
            return copy.deepcopy(self.only)(self.only(x))

    module = Twice()
    kept = copy.deepcopy(module.state_dict())
    for device in ("meta", "cpu"):
        report = cnnviz.analyze(module, (1, 3, 8, 8), device=device)
        assert [(layer.name, layer.macs) for layer in report.layers] == [
            ("only", 27 * 3 * 36),
            ("only:2", 27 * 3 * 16),
        ]
        assert report.params == sum(layer.params for layer in report.layers) == 84
    assert all(torch.equal(tensor, kept[name]) for name, tensor in module.state_dict().items())
    assert not module.only._forward_hooks


def test_what_hangs_on_a_value_is_named():
    class Either(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Linear(4, 4)

        def forward(self, x):
            return torch.cond(x.sum() > 0, self.one, lambda x: x + 1, (x,))

    report = cnnviz.analyze(Either(), (2, 4))
    assert report.unknown == report.unknown_saved == ("cond",)
    assert report.params == 20
