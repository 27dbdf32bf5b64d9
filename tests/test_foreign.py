"""Somebody else's module: it comes back as it was, and is called as it wants to be."""

import copy
import functools
import weakref
from collections import namedtuple
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.analysis import BrokenNetwork, analyze

IMAGE = (2, 3, 8, 8)
CONV = 8 * 8 * 4 * 27  # MACs of conv() for one image


def conv():
    return nn.Conv2d(3, 4, 3, padding=1)


def state(module):
    """Tensors with their places and values, hooks, modes and plain attributes."""
    tensors = {
        name: (id(tensor), tensor.device.type, tensor._version, tensor.clone())
        for name, tensor in module.state_dict(keep_vars=True).items()
    }
    attributes = [
        (key, id(value), repr(value)[:300])
        for part in module.modules()
        for key, value in vars(part).items()
    ]
    return tensors, attributes


def assert_untouched(module, *args, **kwargs):
    tensors, attributes = state(module)
    report = analyze(module, *args, **kwargs)
    after, attributes_after = state(module)
    assert attributes_after == attributes
    for name, (*place, value) in tensors.items():
        assert after[name][:-1] == tuple(place), name
        assert torch.equal(after[name][-1], value), name
    return report


class Memory(nn.Module):
    """Keeps what it has seen: in a list, a dictionary, an object, a closure, and behind a hook."""

    def __init__(self):
        super().__init__()
        self.conv = conv()
        self.seen, self.by_size = [], {}
        self.calls = Count()
        self.me = weakref.ref(self)
        self.again = functools.partial(Memory.note, self)
        found = []
        self.conv.register_forward_hook(lambda part, args, output: found.append(output))
        self.found = found

    def note(self, x):
        self.seen.append(x)
        self.by_size[tuple(x.shape)] = x
        self.calls.number += 1
        self.me().last = x
        return x

    def forward(self, x):
        return self.again(self.conv(x)) * self.calls.number


class Count:
    def __init__(self):
        self.number = 0


def test_what_a_module_keeps_stays_out_of_it():
    module = Memory()
    report = assert_untouched(module, IMAGE)
    assert report.macs == CONV
    assert (module.seen, module.by_size, module.found, module.calls.number) == ([], {}, [], 0)
    assert not hasattr(module, "last")
    module(torch.rand(IMAGE))
    assert assert_untouched(module, IMAGE).macs == CONV


GRIDS: dict = {}


@functools.lru_cache
def grid(size):
    return torch.arange(size)


class Grids(nn.Module):
    """Keeps tensors in its class, in a global dictionary and in a cached function."""

    mask = None
    known: list = []  # noqa: RUF012

    @functools.lru_cache  # noqa: B019
    def half(self, size):
        return torch.ones(size) / 2

    def forward(self, x):
        size = x.shape[-1]
        if Grids.mask is None:
            Grids.mask = torch.ones(size)
            self.known.append(Grids.mask)
        if size not in GRIDS:
            GRIDS[size] = torch.zeros(size)
        return x * Grids.mask + GRIDS[size] + grid(size) * self.half(size) + self.known[0]


def test_tensors_in_classes_and_files_are_taken_away():
    module = Grids()
    for _ in range(2):  # cold, then warm
        assert analyze(module, IMAGE).output_shape == IMAGE
        assert type(Grids.mask) in (type(None), torch.Tensor)
        assert all(type(tensor) is torch.Tensor for tensor in (*GRIDS.values(), *Grids.known))
        assert torch.equal(module(torch.ones(IMAGE))[0, 0, 0], 2 + torch.arange(8) / 2)


class Merging(nn.Conv2d):
    """Folds a scale into its weights as soon as it is asked to evaluate."""

    def __init__(self):
        super().__init__(3, 4, 1)
        self.folded = False

    def train(self, mode=True):
        if not mode and not self.folded:
            with torch.no_grad():
                self.weight.mul_(2)
            self.folded = True
        return super().train(mode)


@pytest.mark.parametrize("device", ["meta", "cpu"])
@pytest.mark.parametrize(
    "make",
    [
        Merging,
        lambda: nn.Sequential(nn.utils.spectral_norm(conv())),
        lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(conv()), nn.BatchNorm2d(4)),
        lambda: nn.Sequential(nn.utils.parametrizations.orthogonal(nn.Conv2d(3, 3, 1))),
    ],
)
@pytest.mark.filterwarnings("ignore:.*spectral_norm.*:FutureWarning")
def test_weights_that_the_module_itself_changes(make, device):
    module = make()
    assert_untouched(module, IMAGE, device)
    assert module.training


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_a_weight_that_a_hook_makes():
    module = nn.Sequential(nn.utils.weight_norm(nn.ConvTranspose2d(3, 4, 2, 2)), nn.ReLU())
    report = assert_untouched(module, IMAGE)
    assert (report.params, report.macs) == (3 * 4 * 4 + 3 + 4, 8 * 8 * 3 * 4 * 4)
    assert module(torch.zeros(IMAGE)).shape == (2, 4, 16, 16)


def test_random_numbers_stay_where_they_were():
    module = nn.Sequential(conv(), nn.Dropout(0.5))
    for device in ("meta", "cpu"):
        torch.manual_seed(3)
        analyze(module, IMAGE, device)
        after = torch.rand(4)
        torch.manual_seed(3)
        assert torch.equal(after, torch.rand(4))


def test_tied_weights_stay_tied():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.out = nn.Embedding(10, 6), nn.Linear(6, 10, bias=False)
            self.out.weight = self.words.weight
            self.register_buffer("head", self.words.weight.data[:5])

        def forward(self, x):
            return self.out(self.words(x)) + self.head.sum()

    report = assert_untouched(Tied(), inputs=torch.zeros(2, 7, dtype=torch.long))
    assert (report.params, report.macs) == (60, 7 * 60)


# ------------------------------------------------------------------ inputs and outputs
Pair = namedtuple("Pair", ["left", "right"])


@dataclass
class Found:
    scores: list
    boxes: torch.Tensor


class Anything(nn.Module):
    """Two images and a flag; returns what it is told to."""

    def __init__(self, result=lambda y: y):
        super().__init__()
        self.conv, self.result = conv(), result

    def forward(self, image, other=None, *, scale=1):
        y = self.conv(image) * scale
        return self.result(y if other is None else y + self.conv(other))


@pytest.mark.parametrize(
    ("inputs", "passes"),
    [
        (torch.zeros(IMAGE), 1),
        ((torch.zeros(IMAGE), torch.zeros(IMAGE, device="meta")), 2),
        ([torch.zeros(IMAGE)], 1),
        ({"image": torch.zeros(IMAGE), "scale": torch.tensor(3.0)}, 1),
        ({"other": torch.zeros(IMAGE), "image": torch.zeros(IMAGE), "scale": 2}, 2),
    ],
)
def test_inputs_as_they_come(inputs, passes):
    if isinstance(inputs, list):
        inputs = tuple(inputs)
    report = analyze(Anything(), inputs=inputs)
    assert (report.macs, report.input_shape) == (passes * CONV, IMAGE)


@pytest.mark.parametrize(
    ("result", "shape"),
    [
        (lambda y: {"out": y, "aux": None}, (2, 4, 8, 8)),
        (lambda y: Pair(None, y[:1]), (1, 4, 8, 8)),
        (lambda y: Found([], y.flatten(1)), (2, 256)),
        (lambda y: None, ()),
        (lambda y: 3.5, ()),
    ],
)
def test_outputs_as_they_come(result, shape):
    report = analyze(Anything(result), IMAGE)
    assert (report.output_shape, report.macs) == (shape, CONV)


@pytest.mark.parametrize("dtype", [torch.half, torch.bfloat16, torch.double])
def test_precisions(dtype):
    assert analyze(conv().to(dtype), IMAGE).macs == CONV


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_wrapped_compiled_and_scripted_modules():
    inner = nn.Sequential(conv(), nn.ReLU())
    in_place = copy.deepcopy(inner)
    in_place.compile()
    for module in (nn.DataParallel(inner), torch.compile(inner), in_place):
        report = assert_untouched(module, IMAGE)
        assert report.macs == CONV
        assert report.layers[-1].operation == "relu"


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_a_scripted_part_is_one_row_with_its_name():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = conv()
            self.fast = torch.jit.script(nn.Sequential(nn.Conv2d(4, 5, 1), nn.ReLU()))

        def forward(self, x):
            return self.fast(self.first(x)).mean((2, 3))

    report = assert_untouched(Net(), IMAGE)
    assert [layer.name for layer in report.layers] == ["first", "fast", "mean"]
    fast = report.layers[1]
    assert (fast.macs, fast.params, fast.output_shape) == (64 * 20, 25, (2, 5, 8, 8))
    assert [layer.inputs for layer in report.layers] == [(-1,), (0,), (1,)]
    assert report.params == 112 + 25
    assert report.macs == CONV + 64 * 20
    assert report.unknown_saved == ("fast",)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_a_scripted_function_is_a_row():
    @torch.jit.script
    def gate(x, w):
        return torch.sigmoid(x @ w) * x

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(8, 8))

        def forward(self, x):
            return gate(x.relu(), self.weight) + x

    report = analyze(Net(), (1, 8))
    assert [layer.operation for layer in report.layers] == ["relu", "scripted", "add"]
    assert [layer.inputs for layer in report.layers] == [(-1,), (0,), (1, -1)]
    assert (report.macs, report.layers[1].params) == (64, 64)


# ------------------------------------------------------------------ sentences
def test_a_network_that_needs_values():
    class Early(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(conv(), nn.Sigmoid())

        def forward(self, x):
            y = self.body(x)
            return y[y.amax((1, 2, 3)) > 0.5]

    module = Early()
    with pytest.raises(ValueError, match='device="cpu"') as error:
        analyze(module, IMAGE)
    assert 'device="cpu"' in error.value.message.zh
    assert assert_untouched(module, IMAGE, "cpu").macs == CONV
    with pytest.raises(ValueError, match='device="cpu"'):
        analyze(Anything(lambda y: y * y.sum().item()), IMAGE)


@pytest.mark.parametrize(
    ("module", "shape", "axes"),
    [
        (nn.Sequential(conv(), nn.ReLU()), (3, 8, 8), "(N, C, H, W)"),
        (nn.Sequential(conv(), nn.BatchNorm2d(4)), (3, 8, 8), "(N, C, H, W)"),
        (nn.Sequential(nn.Identity(), conv()), (8, 8, 3), "(N, C, H, W)"),
        (nn.Conv1d(3, 4, 3), (3, 20), "(N, C, L)"),
        (nn.Linear(5, 2), (5,), "(N, C)"),
        (nn.Sequential(nn.ZeroPad2d(1), conv()), (3, 8, 8), "(N, C, H, W)"),
        (nn.Sequential(nn.Upsample(scale_factor=2), conv()), (3, 8, 8), "(N, C, H, W)"),
        (nn.Sequential(nn.UpsamplingBilinear2d(scale_factor=2)), (3, 8, 8), "(N, C, H, W)"),
        (nn.Sequential(nn.BatchNorm2d(3)), (3, 8, 8), "(N, C, H, W)"),
        (nn.BatchNorm1d(8), (8,), "(N, C)"),
    ],
)
def test_a_shape_without_batch(module, shape, axes):
    with pytest.raises(ValueError, match="lacks the batch") as error:
        analyze(module, shape)
    assert axes in str(error.value)
    assert str((1, *shape)) in error.value.message.zh


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({}, ValueError, "input_shape="),
        ({"input_shape": IMAGE, "inputs": torch.zeros(IMAGE)}, ValueError, "one of the two"),
        ({"input_shape": 224}, TypeError, "224"),
        ({"input_shape": (0, 3, 8, 8)}, ValueError, "axis 0 is 0"),
        ({"input_shape": (1, 3, -8, 8)}, ValueError, "whole number of at least 1"),
        ({"inputs": 3}, TypeError, "not int"),
        ({"inputs": {"x": 3}}, ValueError, "no tensor"),
        ({"input_shape": IMAGE, "device": "gpu"}, ValueError, "device is 'gpu', .* \"cpu\""),
        ({"input_shape": IMAGE, "device": "cuda:99"}, ValueError, "device is 'cuda:99'"),
    ],
)
def test_bad_arguments(given, kind, text):
    with pytest.raises(kind, match=text):
        analyze(conv(), **given)


def test_a_network_of_indices_says_what_it_reads():
    for network in (nn.Embedding(5, 3), nn.Sequential(nn.Embedding(5, 3))):
        with pytest.raises(ValueError, match=r"inputs=torch.zeros\(\(1, 3\), dtype=torch.long\)"):
            analyze(network, (1, 3))
        assert analyze(network, inputs=torch.zeros((1, 3), dtype=torch.long)).params == 15


def test_a_spec_knows_its_input():
    with pytest.raises(ValueError, match="A spec knows"):
        cnnviz.analyze(cnnviz.spec("lenet"), inputs=torch.zeros(1, 1, 32, 32))


def test_broken_is_said_of_shapes_alone():
    with pytest.raises(BrokenNetwork, match="needs 3"):
        analyze(conv(), (1, 4, 8, 8))
    mixed = nn.Sequential(conv(), nn.Conv2d(4, 4, 1).double())
    with pytest.raises(RuntimeError) as error:
        analyze(mixed, IMAGE, "cpu")
    assert not isinstance(error.value, BrokenNetwork)

    class Strict(nn.Module):
        def forward(self, x):
            if x.shape[-1] != 9:
                raise RuntimeError("the size has to be 9")
            return F.relu(x)

    with pytest.raises(RuntimeError, match="has to be 9") as error:
        analyze(Strict(), IMAGE)
    assert not isinstance(error.value, BrokenNetwork)
