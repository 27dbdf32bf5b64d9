"""What does not hang on the input has values, also in a pass without values."""

import pytest
import torch
import torch.nn.functional as F
from test_foreign import IMAGE, assert_untouched
from torch import nn

from cnnviz.analysis import analyze


class Deciding(nn.Module):
    """Runs a linear layer as often as a function of its input says."""

    def __init__(self, times):
        super().__init__()
        self.times, self.mix = times, nn.Linear(8, 8)
        self.register_buffer("switch", torch.tensor([0, 1, 1], dtype=torch.uint8))

    def forward(self, x):
        for _ in range(int(self.times(self, x))):
            x = self.mix(x)
        return x


def filled(value):
    def times(module, x):
        made = torch.full((3,), 7)
        made[1:] = value
        return made.sum() - 7

    return times


def spoiled(module, x):
    """The input is written into a view of a constant."""
    made = torch.zeros(4)
    made[2:].copy_(x.flatten()[:2])
    return made.sum() + 3


KNOWN = [
    (lambda module, x: torch.ones(3, 3).triu().nonzero().shape[0], 6),
    (lambda module, x: torch.tensor([1, 2]).max().item(), 2),
    (lambda module, x: torch.ones_like(x[0, 0, 0, :4]).cumsum(0)[-1].round(), 4),
    (lambda module, x: module.switch.sum(), 2),
    (lambda module, x: 3 if torch.equal(torch.arange(3), torch.tensor([0, 1, 2])) else 1, 3),
    (lambda module, x: F.one_hot(torch.arange(5) % 3)[:, 0].sum(), 2),
    (filled(2), 4),
]


@pytest.mark.parametrize(("times", "right"), KNOWN)
def test_decided_by_constants(times, right):
    module = Deciding(times)
    assert module.switch.sum() == 2
    report = assert_untouched(module, IMAGE)
    assert report.macs == right * 3 * 8 * 64
    assert report.unknown_saved == ()
    assert analyze(module, IMAGE, "cpu").macs == report.macs


@pytest.mark.parametrize(
    "times",
    [
        spoiled,
        lambda module, x: x.sum() + 1,
        lambda module, x: torch.rand(3).sum() + 1,
        lambda module, x: torch.zeros(3).uniform_(1, 2).sum(),
        lambda module, x: module.mix.weight.sum() + 9,
    ],
    ids=["written into", "input", "random", "filled at random", "weights"],
)
def test_decided_by_anything_else(times):
    with pytest.raises(ValueError, match='device="cpu"'):
        analyze(Deciding(times), IMAGE)


def test_a_switch_that_a_pass_turns():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = nn.Linear(8, 8)
            self.register_buffer("passes", torch.tensor(0))

        def forward(self, x):
            self.passes += 1
            return self.mix(x) if self.passes == 1 else x

    module = Counting()
    assert assert_untouched(module, IMAGE).macs == 3 * 8 * 64
    assert module.passes == 0


@pytest.mark.filterwarnings("ignore:enable_nested_tensor:UserWarning")
def test_a_causal_mask_is_looked_at():
    model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
            return self.model(x, x, tgt_mask=mask)

    report = assert_untouched(Model(), (1, 5, 8))
    attention, layers = 5 * 8 * 8 * 4 + 2 * 2 * 5 * 5 * 4, 2 * 5 * 8 * 16
    assert (report.macs, report.unknown) == (3 * attention + 2 * layers, ())
