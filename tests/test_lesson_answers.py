"""Answers of the lessons' questions against modules that are run."""

import re
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.analysis.build import build_on_meta
from cnnviz.lessons import NAMES, find
from cnnviz.lessons.kinds import KINDS
from cnnviz.lessons.question import check
from cnnviz.ui.kit.address_link import parts
from cnnviz.ui.session.address import read, read_slot
from cnnviz.zoo import PRESETS

ASKED = [(name, step.name) for name in NAMES for step in find(name).steps if step.asked]
# one question of each kind; the others are left to the sweep
FEW = {find(name).step(step).asked.kind: (name, step) for name, step in reversed(ASKED)}
PARTS = {
    "linear": lambda name, module: isinstance(module, nn.Linear),
    "convolution": lambda name, module: isinstance(module, nn.Conv2d),
    "1x1": lambda name, module: getattr(module, "kernel_size", None) == (1, 1),
    "normalisation": lambda name, module: isinstance(module, nn.BatchNorm2d),
    "gates": lambda name, module: ".gate." in name,
}


class Ran:
    """A network's modules, and what each of them read and gave in one pass on the meta device."""

    def __init__(self, spec):
        self.spec, self.model = spec, build_on_meta(spec).eval()
        self.modules = dict(self.model.named_modules())
        self.read, self.gave, self.order = {}, {}, []
        for name, module in self.modules.items():
            if not list(module.children()):
                module.register_forward_pre_hook(self._reads(name))
                module.register_forward_hook(self._gives(name))
        self.error = None
        with torch.no_grad():
            try:
                self.model(torch.empty(spec.input_shape, device="meta"))
            except RuntimeError as error:
                self.error = error

    def _reads(self, name):
        def hook(module, inputs):
            self.order.append(name)
            self.read[name] = inputs[0]

        return hook

    def _gives(self, name):
        def hook(module, inputs, output):
            self.gave[name] = output

        return hook

    def macs(self, name):
        """Counted by torch, on the one module."""
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            self.modules[name](self.read[name])
        return counter.get_total_flops() // 2

    def params(self, chosen=lambda name, module: True):
        return sum(
            parameter.numel()
            for name, module in self.modules.items()
            if chosen(name, module)
            for parameter in module.parameters(recurse=False)
        )

    def total(self, measure, chosen=lambda name, module: True):
        if measure == "params":
            return self.params(chosen)
        return sum(
            self.macs(name)
            for name in self.read
            if isinstance(self.modules[name], nn.Conv2d | nn.Linear)
            and chosen(name, self.modules[name])
        )


def networks(question):
    """The specs of a question's address, as the pages read it."""
    page, query = parts(question.address)
    if page == "compare":
        return [read_slot(slot, query, "")[1] for slot in ("n1", "n2")]
    preset, spec, _ = read(query, "")
    assert preset.name in PRESETS
    return [spec]


def at(question):
    return parts(question.address)[1]["at"]


def output_size(question, asked):
    ran, name = Ran(networks(question)[0]), at(question)
    output = ran.gave.get(name)
    if output is None:  # a function inside of a module, such as a pooling with a weight
        output = ran.gave[name.rpartition(".")[0]]
    return output.shape[-1]


def layer_params(question, asked):
    module = Ran(networks(question)[0]).modules[at(question)]
    return sum(parameter.numel() for parameter in module.parameters())


def layer_macs(question, asked):
    return Ran(networks(question)[0]).macs(at(question))


def receptive_field(question, asked):
    """The pixels that move one unit, by autograd through the windows alone, one channel wide."""
    spec, layer = networks(question)[0], at(question)
    ran, windows = Ran(spec), []
    for name in ran.order:
        if not name.startswith(("C3.conv.from4", "C3.conv.from6")):  # beside from3
            windows += one_channel(ran, name)
        if name == layer or layer.startswith(f"{name}."):
            break
    side = 3 * spec.image_size  # so that no border cuts the field
    image = torch.zeros(1, 1, side, side, requires_grad=True)
    output = nn.Sequential(*windows)(image)
    middle = output.shape[-1] // 2
    output[0, 0, middle, middle].backward()
    return int((image.grad[0, 0].abs().sum(0) > 0).sum())


def one_channel(ran, name):
    """The window of a module as a mean, which all of its pixels move; [] if it has none."""
    module = ran.modules[name]
    if hasattr(module, "kernel_size"):
        return [nn.AvgPool2d(module.kernel_size, module.stride, module.padding)]
    before, after = ran.read[name].shape[-1], ran.gave[name].shape[-1]
    return [nn.AvgPool2d(2)] if before == 2 * after else []  # LeNet-5's, with a weight


def joined_channels(question, asked):
    ran, block = Ran(networks(question)[0]), at(question)
    branches = {}
    for name in ran.gave:
        if name.startswith(f"{block}."):
            branches[name.removeprefix(f"{block}.").split(".")[0]] = ran.gave[name].shape[1]
    return sum(branches.values())


def dense_channels(question, asked):
    """k₀ + l·k from the spec alone."""
    spec, block = networks(question)[0], int(at(question).removeprefix("block"))
    channels = spec.stem_channels
    for depth in spec.depths[: block - 1]:
        channels = int(spec.compression * (channels + depth * spec.growth_rate))
    layer = int(re.search(r"its layer (\d+)", question.prompt.en)[1])
    return channels + layer * spec.growth_rate


def share(question, asked):
    ran = Ran(networks(question)[0])
    return 100 * ran.total(asked.measure, PARTS[asked.part]) / ran.total(asked.measure)


def depth(question, asked):
    """As the papers print it."""
    named = {"vgg-a": 11, "vgg-b": 13, "vgg-d": 16, "vgg-e": 19, "googlenet": 22}
    preset = parts(question.address)[1]["preset"]
    return named.get(preset) or (34 if preset == "inception-bn" else int(preset.split("-")[1]))


def training_bytes(question, asked):
    """The bytes of tensors that torch's optimisers really keep, for one parameter."""
    prompt = question.prompt.en
    weight = nn.Parameter(torch.zeros(1000))
    if "Adam" in prompt:
        optimiser = torch.optim.Adam([weight])
    else:
        optimiser = torch.optim.SGD([weight], lr=1, momentum=0.9 * ("momentum" in prompt))
    weight.grad = torch.zeros_like(weight)
    optimiser.step()
    kept = [weight, weight.grad]
    kept += [one for one in optimiser.state[weight].values() if torch.is_tensor(one) and one.ndim]
    each = sum(one.numel() * one.element_size() for one in kept) / 1000
    return each * Ran(networks(question)[0]).params() / 1e6


def difference(question, asked):
    before, after = (Ran(spec).total(asked.measure) for spec in networks(question))
    return abs(before - after)


def ratio(question, asked):
    smaller, larger = sorted(Ran(spec).total(asked.measure) for spec in networks(question))
    return larger / smaller


def breaks_first(question, asked):
    """The last module that was entered and not left."""
    query = parts(question.address)[1]
    size = int(query["breaks"].partition(":")[2])
    too_small, _ = networks(question)[0].too_small(image_size=size)
    ran = Ran(too_small)
    assert ran.error
    return [option.en for option in question.options].index(ran.order[-1])


def smallest_image(question, asked):
    spec = networks(question)[0]
    assert Ran(spec.turn(image_size=int(question.answer))).error is None
    too_small, _ = spec.too_small(image_size=int(question.answer) - 1)
    assert Ran(too_small).error
    return question.answer


ORACLES = {
    "output-size": output_size,
    "layer-params": layer_params,
    "layer-macs": layer_macs,
    "receptive-field": receptive_field,
    "joined-channels": joined_channels,
    "dense-channels": dense_channels,
    "share": share,
    "depth": depth,
    "training-bytes": training_bytes,
    "difference": difference,
    "ratio": ratio,
    "breaks-first": breaks_first,
    "smallest-image": smallest_image,
}


def holds(name, step, seed):
    asked, question = find(name).step(step).asked, find(name).step(step).question(seed)
    expected = ORACLES[asked.kind](question, asked)
    assert question.answer == pytest.approx(expected, rel=1e-9), question.prompt.en
    assert not re.search("[）\u4e00-\u9fff] [\u4e00-\u9fff]", question.prompt.zh)
    for line in question.arithmetic:
        assert "{" not in line.en + line.zh
    if not question.options:
        last = re.findall(r"[\d,]+(?:\.\d+)?", question.shown.en)[0]
        assert check(question, last).is_right
        assert not check(question, f"{question.answer * 1.07 + 1:f}").is_right


def test_every_kind_is_asked_and_has_an_oracle():
    assert FEW.keys() == KINDS.keys() == ORACLES.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_that_of_the_modules(kind):
    holds(*FEW[kind], seed=1)


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "step"), ASKED)
def test_every_answer_is_that_of_the_modules(name, step):
    for seed in range(1, 7):
        holds(name, step, seed)


@pytest.mark.parametrize(
    ("kind", "shift"), [("layer-params", 1), ("output-size", 1), ("breaks-first", 1)]
)
def test_the_oracle_would_find_a_fault(kind, shift, monkeypatch):
    name, step = FEW[kind]
    right = find(name).step(step).question(1)
    wrong = replace(right, answer=(right.answer + shift) % max(len(right.options), 10**9))
    monkeypatch.setattr("cnnviz.lessons.lesson.question", lambda asked, seed: wrong)
    with pytest.raises(AssertionError):
        holds(name, step, seed=1)


def test_a_seed_draws_the_same_numbers_again_and_another_seed_others():
    step = find("densenet").step("channels")
    assert step.question(3) == step.question(3)
    assert len({step.question(seed).prompt for seed in range(1, 20)}) > 5
