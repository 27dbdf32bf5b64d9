"""A pass that is recorded and replayed, with a recorder that stands for a CUDA graph."""

import contextlib

import pytest
import torch
from torch import nn

from cnnviz.training.replay import WARM_UP, Replayed


class Graph:
    """Runs what was recorded again: a pass that takes no arguments."""

    replays = 0

    def replay(self):
        Graph.replays += 1
        loss, logits = self.plain(self.replayed._images, self.replayed._labels)
        for kept, new in zip(self.replayed._given, (loss, logits), strict=True):
            kept.copy_(new)


class Event:
    def record(self):
        pass

    def synchronize(self):
        pass


@pytest.fixture
def steps(monkeypatch):
    """Train a layer for ten steps; gives losses and weights."""
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(Graph, "replays", 0)

    def train(*, wanted):
        torch.manual_seed(0)
        layer = nn.Linear(4, 3)
        optimiser = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)

        def plain(images, labels):
            logits = layer(images)
            loss = nn.functional.cross_entropy(logits, labels)
            optimiser.zero_grad()
            loss.backward()
            return loss.detach(), logits.detach()

        backward = Replayed(plain, wanted=wanted)
        Graph.plain, Graph.replayed = staticmethod(plain), backward
        losses = []
        for _ in range(10):
            loss, logits = backward(torch.randn(8, 4), torch.randint(3, (8,)))
            optimiser.step()
            losses.append((loss.item(), logits.sum().item()))
        return losses, layer.weight.detach()

    return train


def test_a_recording_learns_what_plain_steps_learn(monkeypatch, steps):
    monkeypatch.setattr(torch.cuda, "graph", lambda _: contextlib.nullcontext())
    losses, weight = steps(wanted=False)
    assert Graph.replays == 0
    again, same = steps(wanted=True)
    assert Graph.replays == 10 - WARM_UP
    assert losses == again
    assert torch.equal(weight, same)


def test_what_cannot_be_recorded_goes_on_as_it_is(monkeypatch, steps):
    asked = []

    @contextlib.contextmanager
    def refused(_):
        asked.append(1)
        raise RuntimeError("operation not permitted when stream is capturing")
        yield

    expected, weight = steps(wanted=False)
    monkeypatch.setattr(torch.cuda, "graph", refused)
    losses, same = steps(wanted=True)
    assert len(asked) == 1
    assert losses == expected
    assert torch.equal(weight, same)
