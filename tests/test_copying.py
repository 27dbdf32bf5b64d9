"""The copy that is traced is one of everything: what a pass changes is never the original."""

import itertools
from collections import defaultdict, deque
from types import MethodType

import pytest
import torch
import torch.nn.functional as F
from test_foreign import CONV, IMAGE, assert_untouched, conv
from torch import nn

from cnnviz.analysis.copying import Copier


class Settings(dict):
    """A dictionary with a class of its own, and attributes."""

    def __getattr__(self, name):
        return self[name]


class Slots:
    __slots__ = ("last",)

    def __init__(self):
        self.last = None


class Keeping(nn.Module):
    def __init__(self, keep, held):
        super().__init__()
        self.conv, self.keep, self.held = conv(), keep, held

    def forward(self, x):
        y = self.conv(x)
        self.keep(self.held, y)
        return y


@pytest.mark.parametrize(
    ("keep", "held", "left"),
    [
        (lambda held, y: held.update(last=y, twice=held.size * 2), Settings(size=3), {"size": 3}),
        (lambda held, y: held["a"].append(y), defaultdict(list), {}),
        (lambda held, y: held.append(y), deque([1], maxlen=3), deque([1])),
        (lambda held, y: y.mul_(next(held)), itertools.count(5), itertools.count(5)),
    ],
    ids=["dictionary", "defaultdict", "deque", "counter"],
)
def test_containers_of_any_class(keep, held, left):
    module = Keeping(keep, held)
    for _ in range(2):
        assert assert_untouched(module, IMAGE).macs == CONV
    assert held == left or repr(held) == repr(left)
    copied = Copier(lambda tensor: tensor)(held)
    assert type(copied) is type(held)
    assert copied is not held


def test_slots():
    slots = Slots()
    assert_untouched(Keeping(lambda held, y: setattr(held, "last", y), slots), IMAGE)
    assert slots.last is None


def test_a_forward_that_was_put_in_place_of_another():
    """It closes over the bound method that it calls: the copy has to call the copy's."""
    module = nn.Sequential(conv(), nn.ReLU())
    inner = module[0].forward
    module[0].forward = lambda x: inner(x) * 2
    module[1].forward = MethodType(lambda self, x: F.silu(x), module[1])
    report = assert_untouched(module, IMAGE)
    assert (report.macs, report.layers[0].params) == (CONV, report.params)
    assert [layer.operation for layer in report.layers] == ["conv2d", "mul", "silu"]


def test_a_function_that_closes_over_itself():
    module = nn.Sequential(conv())
    seen = []

    def forward(x, times=2):
        seen.append(times)
        return forward(x, times - 1) if times else module[0](x)

    module.forward = forward
    assert assert_untouched(module, IMAGE).macs == CONV
    assert seen == []


def remembered(function):
    known = {}

    def again(self, size):
        if size not in known:
            known[size] = function(self, size)
        return known[size]

    return again


class Remembering(nn.Module):
    """Keeps tensors in a default argument and in what a decorator closes over."""

    def __init__(self):
        super().__init__()
        self.conv = conv()

    @remembered
    def grid(self, size):
        return torch.arange(float(size))

    def forward(self, x, seen={}):  # noqa: B006
        y = seen["last"] = self.conv(x) + self.grid(x.shape[-1])
        return y


def test_what_functions_keep_is_taken_away():
    module = Remembering()
    assert assert_untouched(module, IMAGE).macs == CONV
    assert Remembering.forward.__defaults__ == ({},)
    assert [cell.cell_contents for cell in Remembering.grid.__closure__][-1] == {}
    module(torch.zeros(IMAGE))


def test_a_graph_module_keeps_the_forward_that_was_made_for_it():
    module = torch.fx.symbolic_trace(nn.Sequential(conv(), nn.ReLU()))
    report = assert_untouched(module, IMAGE)
    assert (report.macs, [layer.operation for layer in report.layers]) == (CONV, ["conv2d", "relu"])


def test_objects_that_are_rebuilt_do_not_take_each_others_parts():
    """What a recipe holds lives only as long as it: no later one may be mistaken for it."""
    held = [Settings(number=number, inside=deque([number])) for number in range(200)]
    copied = Copier(lambda tensor: tensor)(held)
    assert copied == held
    assert all(
        one["inside"] is not other["inside"] for one, other in zip(copied, held, strict=True)
    )


def test_an_exported_network():
    module = torch.export.export(nn.Sequential(conv(), nn.ReLU()).eval(), (torch.zeros(IMAGE),))
    report = assert_untouched(module.module(), IMAGE)
    assert (report.macs, report.params) == (CONV, 112)
