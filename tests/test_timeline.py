"""What is alive in a training step, against the lifetimes of what autograd really keeps."""

import weakref

import pytest
import torch
from torch.utils._pytree import tree_leaves

import cnnviz
from cnnviz.analysis.memory.step import training_memory
from cnnviz.analysis.memory.timeline import BACKWARD, FORWARD, UPDATE, timeline
from cnnviz.analysis.timing.calls import Nodes, owners, watched


class Kept:
    """Counts the bytes of the storages that autograd keeps, and when it lets them go."""

    def __init__(self, module):
        own = (*module.parameters(), *module.buffers())
        self.own = {tensor.untyped_storage()._cdata for tensor in own}
        self.holders, self.sizes = {}, {}

    def pack(self, tensor):
        storage = tensor.untyped_storage()
        box = [tensor]
        if storage._cdata in self.own:
            return box

        class Box(list):
            pass

        box, key = Box([tensor]), storage._cdata
        self.sizes[key] = storage.nbytes()
        self.holders[key] = self.holders.get(key, 0) + 1
        weakref.finalize(box, self.forget, key)
        return box

    def forget(self, key):
        self.holders[key] -= 1
        if not self.holders[key]:
            del self.holders[key], self.sizes[key]

    @property
    def alive(self):
        return sum(self.sizes.values())


class Looks:
    """At the beginning of each node, how much is alive."""

    def __init__(self, kept):
        self.kept, self.seen = kept, []

    def __call__(self):
        self.seen.append(self.kept.alive)

    def milliseconds(self):
        return []


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("lenet-d2l", {}),
        ("resnet-20", {}),
        ("densenet-40-k12", {"depths": (2, 2, 2)}),
        ("shufflenet-v2-x1", {"image_size": 64}),
    ],
)
def test_what_is_alive_when_an_op_goes_backward(name, knobs):
    spec, batch = cnnviz.spec(name, **knobs), 2
    torch.manual_seed(0)
    module = spec.build().train()
    kept = Kept(module)
    looks = Looks(kept)
    nodes = Nodes(owners(module), looks)
    x = torch.randn(batch, *spec.input_shape[1:])
    with (
        torch.autograd.graph.saved_tensors_hooks(kept.pack, lambda box: box[0]),
        watched(module, x, nodes),
    ):
        output = module(x)
    at_the_end = kept.alive
    ends = [end for end in tree_leaves(output) if end.requires_grad]
    torch.autograd.backward(ends, [torch.ones_like(end) for end in ends])
    report = cnnviz.analyze(spec)
    moments = timeline(report, batch)
    expected = {
        moment.position: moment.memory.activations for moment in moments if moment.phase == BACKWARD
    }
    assert expected[len(report.layers) - 1] == at_the_end
    first = {}
    for row, alive in zip(nodes.begun, looks.seen, strict=True):
        first.setdefault(row, alive)
    assert first == {row: expected[row] for row in first}
    assert len(first) > len(report.layers) / 2


def test_a_step_begins_and_ends_with_what_is_counted():
    report = cnnviz.analyze("resnet-18")
    settings = {"precision": "mixed", "optimiser": "adam"}
    whole = training_memory(report, 8, **settings)
    moments = timeline(report, 8, **settings)
    count = len(report.layers)
    assert [moment.phase for moment in moments] == [FORWARD] * count + [BACKWARD] * count + [UPDATE]
    peak = moments[count - 1].memory
    assert peak.activations == whole.activations
    assert (peak.weights, peak.optimiser, peak.gradients) == (whole.weights, whole.optimiser, 0)
    assert moments[-1].memory.gradients == whole.gradients
    assert moments[-1].memory.activations == 0
    grown = [moment.memory.gradients for moment in moments[count:]]
    assert grown == sorted(grown)
