"""What a module reaches beside itself: other files, generators, its own methods, odd containers."""

import random
import sys
import types
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from test_foreign import CONV, IMAGE, assert_untouched, conv
from torch import Tensor, nn

from cnnviz.analysis import analyze

HELPER = """
import torch
KNOWN = {}
class Store:
    def __init__(self):
        self.last = None
STORE = Store()
def places(size):
    if size not in KNOWN:
        KNOWN[size] = torch.arange(size)
    if STORE.last is None:
        STORE.last = torch.ones(size)
    return KNOWN[size] * STORE.last
"""


class Calls(nn.Module):
    def __init__(self, function, **parts):
        super().__init__()
        self.function, self.conv = function, conv()
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def test_tensors_in_a_file_that_is_used_are_taken_away(monkeypatch):
    """A helper of another file keeps them in a dictionary and in an object of its own."""
    helper = types.ModuleType("helper_of_a_test")
    monkeypatch.setitem(sys.modules, helper.__name__, helper)
    exec(HELPER, vars(helper))
    monkeypatch.setattr(sys.modules[__name__], "places", helper.places, raising=False)
    module = Calls(lambda self, x: self.conv(x) + places(8))  # noqa: F821
    for _ in range(2):  # cold, then warm
        assert analyze(module, IMAGE).macs == CONV
        assert type(module(torch.zeros(IMAGE))) is Tensor
        assert all(type(one) is Tensor for one in (*helper.KNOWN.values(), helper.STORE.last))


def test_tensors_in_the_file_of_a_function_are_taken_away(monkeypatch):
    helper = types.ModuleType("another_helper_of_a_test")
    monkeypatch.setitem(sys.modules, helper.__name__, helper)
    exec(HELPER, vars(helper))
    module = nn.Sequential(conv())
    module.act = helper.places
    module.forward = lambda x: module[0](x) + module.act(8)
    assert analyze(module, IMAGE).macs == CONV
    assert (helper.KNOWN, helper.STORE.last) == ({}, None)


def test_all_random_numbers_stay_where_they_were():
    def noisy(self, x):
        drawn = random.random() + np.random.rand()
        return self.conv(x) * drawn + torch.rand(8, generator=self.source)

    module = Calls(noisy, source=torch.Generator().manual_seed(3))
    before = random.getstate(), np.random.get_state()[1].tolist(), module.source.get_state()
    assert analyze(module, IMAGE).macs == CONV
    after = random.getstate(), np.random.get_state()[1].tolist(), module.source.get_state()
    assert after[:2] == before[:2]
    assert torch.equal(after[2], before[2])


def test_a_forward_that_was_replaced_runs_on_the_copy():
    """It closes over the old one, which is bound to the original."""
    module = Calls(lambda self, x: self.conv(x))
    old = module.forward

    def new(self, x):
        self.seen = x
        return old(x) * 2

    module.forward = types.MethodType(new, module)
    report = assert_untouched(module, IMAGE)
    assert "unused" not in {layer.kind for layer in report.layers}
    assert not hasattr(module, "seen")


def test_a_module_with_slots():
    class Slotted(nn.Module):
        __slots__ = ("seen",)

        def __init__(self):
            super().__init__()
            self.conv, self.seen = conv(), [1]

        def forward(self, x):
            self.seen.append(x)
            return self.conv(x)

    module = Slotted()
    assert analyze(module, IMAGE).macs == CONV
    assert module.seen == [1]


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_a_part_of_a_scripted_module_is_called():
    part = nn.Sequential(OrderedDict(inner=conv()))
    module = Calls(lambda self, x: self.part.inner(x), part=torch.jit.script(part))
    report = analyze(module, IMAGE)
    assert report.macs == CONV
    assert sum(layer.params for layer in report.layers if layer.kind != "unused") == 4 * 27 + 4


@dataclass
class Batch:
    image: Tensor
    times: int


def test_inputs_in_an_object():
    module = Calls(lambda self, x: self.conv(x["batch"].image) * x["batch"].times)
    report = analyze(module, inputs=({"batch": Batch(torch.zeros(IMAGE), 2)},))
    assert (report.input_shape, report.macs) == (IMAGE, CONV)
    assert report.layers[0].inputs == (-1,)


def test_what_a_sparse_factor_saves_is_named():
    module = Calls(lambda self, x: torch.sparse.mm(self.edges, self.conv(x)[0, :, :, 0]))
    module.register_buffer("edges", torch.eye(4).to_sparse())
    report = analyze(module, IMAGE)
    assert type(module.edges) is Tensor
    assert set(report.unknown) == set(report.unknown_saved) == {"sparse_mm"}


def test_packed_sequences():
    """Packing moves numbers; a GRU of 3 gates multiplies 5 + 3 of them, steps of 8 units."""

    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.out = nn.GRU(8, 6, batch_first=True), nn.Linear(6, 2)

        def forward(self, x, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
            y, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
            return self.out(F.relu(y))

    given = torch.zeros(2, 5, 8), torch.tensor([5, 3])
    report = analyze(Packed(), inputs=given, device="cpu")
    assert report.unknown == ()
    assert 2 * report.macs == (5 + 3) * 3 * 6 * (8 + 6) + 2 * 5 * 6 * 2
