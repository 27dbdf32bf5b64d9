"""Probes of trained networks against another way to the same figures."""

import json
from collections import OrderedDict
from math import isclose

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.experiments import EXPERIMENTS
from cnnviz.experiments.budget import Cost, shortened
from cnnviz.experiments.command import experiment as told
from cnnviz.experiments.experiment import verdict
from cnnviz.experiments.outcome import outcome_of
from cnnviz.training.batches import Images
from cnnviz.training.events import Ended, Epoch, Measured, Started
from cnnviz.training.probes import blocks, branches, probing, reuse, surface
from cnnviz.training.probes.probe import accuracy
from cnnviz.zoo.blocks import average_head
from cnnviz.zoo.densenet import DenseBlock
from cnnviz.zoo.googlenet import Inception


def pictures(count, side):
    """Random grey images of ten classes."""
    random = torch.Generator().manual_seed(1)
    images = torch.randn(count, 1, side, side, generator=random)
    labels = torch.randint(10, (count,), generator=random)
    one = torch.ones(1)
    return Images(images, labels, (1, side, side), 0 * one, one, ready=True)


def trained(preset, side, **knobs):
    """A network that has seen a few batches, so that its statistics are no longer 0 and 1."""
    torch.manual_seed(0)
    module = cnnviz.spec(preset, image_size=side, in_channels=1, num_classes=10, **knobs).build()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.bias, -0.5, 0.5)
    images = pictures(8, side)
    with torch.no_grad():
        for _ in range(2):
            module(images.batch(slice(None))[0])
    return module.eval()


@torch.no_grad()
def strength(module, images, most=0):
    """In place of accuracy, which few images hardly move: the mean square of the outputs."""
    return module(images.images).double().square().mean().item()


def measured(probe, figures):
    """The outcome of a training whose probe has found these figures."""
    epochs = [Epoch(epoch=1, train_loss=1.0)]
    found = Measured(probe=probe, names=tuple(figures), figures=tuple(figures.values()))
    return outcome_of([Started(), *epochs, found, Ended(ended_by="epochs")])


def figure(name, figures):
    chosen = EXPERIMENTS[name]
    return chosen.measure.of(measured(chosen.arms[0].probe, figures))


def test_accuracy_is_that_of_the_first_images():
    images = pictures(100, 4)
    module = nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
    right = module(images.images).argmax(dim=1) == images.labels
    for most in (70, 100, 500):
        share = right[:most].double().mean().item()
        assert isclose(accuracy(module, images, most), share)


class TestIdentityLayers:
    def test_a_block_that_is_the_identity_hands_on_what_it_is_given(self):
        module = trained("plain-20", 8, stem_channels=4)
        block = blocks.as_identity(module.stage2[-1])
        x = torch.rand(2, 8, 4, 4)
        assert torch.allclose(block(x), x, atol=1e-6)
        assert not torch.allclose(module.stage2[-2](x), x, atol=1e-2)

    def test_56_layers_give_what_20_gave(self):
        module = trained("plain-20", 8, stem_channels=4)
        deeper = blocks.deepened(module).eval()
        weighted = [x for x in deeper.modules() if isinstance(x, nn.Conv2d | nn.Linear)]
        assert len(weighted) == 56
        x = pictures(8, 8).images
        assert torch.allclose(deeper(x), module(x), atol=1e-5)
        found = dict(blocks.with_identity_layers(module, pictures(8, 8), pictures(8, 8)))
        loss = F.cross_entropy(module(x), pictures(8, 8).labels).item()
        assert isclose(found["whole"], loss, rel_tol=1e-5)
        assert isclose(found["deeper"], loss, rel_tol=1e-4)
        assert len(module.stage1) == 3, "the network itself is as it was"


class TestReuse:
    @pytest.mark.parametrize("ratio", [0, 4])
    def test_weights_are_those_of_the_maps(self, ratio):
        knobs = {"depths": (3, 2, 2), "growth_rate": 2, "stem_channels": 5}
        module = trained("densenet-40-k12", 8, bottleneck_ratio=ratio, **knobs)
        for block in (part for part in module.modules() if isinstance(part, DenseBlock)):
            for layer in block:
                conv = layer.conv1 if ratio else layer.conv2
                at = torch.arange(conv.in_channels).view(1, -1, 1, 1)
                with torch.no_grad():
                    conv.weight.copy_((1 + at).expand_as(conv.weight) * -1.0)
        found = dict(reuse.reuse(module, pictures(1, 8), pictures(1, 8)))
        first = {"layer1/input": 3, "layer2/input": 3, "layer3/input": 3}  # the mean of 1 to 5
        first |= {"layer2/layer1": 6.5, "layer3/layer1": 6.5, "layer3/layer2": 8.5}
        assert {name: found[f"weight/block1.{name}"] for name in first} == first
        weights = [name for name in found if name.startswith("weight/")]
        assert len(weights) == 6 + 2 * 3, "two layers in each further block read 1 and 2"

    def test_hidden_maps_are_their_mean(self, monkeypatch):
        """Weights that are zero on the older maps, with what they gave added as a constant."""
        knobs = {"depths": (3,), "growth_rate": 2, "stem_channels": 5, "bottleneck_ratio": 4}
        module = trained("densenet-40-k12", 8, **knobs)
        images = pictures(40, 8)
        monkeypatch.setattr(reuse, "accuracy", strength)
        found = dict(reuse.reuse(module, images, images))
        assert found["whole"] == strength(module, images)
        assert {name for name in found if "without" in name} == {
            "without/block1.layer2",
            "without/block1.layer3",
        }
        layer = module.block1.layer3  # 1×1 first, so that a constant map gives a constant
        older = 7
        with torch.no_grad():
            constant = layer.relu1(layer.norm1.bias[:older])
            weight = layer.conv1.weight.clone()
            bias = weight[:, :older, 0, 0] @ constant
            layer.conv1.weight[:, :older] = 0
            layer.conv1.bias = nn.Parameter(bias)
        assert isclose(found["without/block1.layer3"], strength(module, images), rel_tol=1e-5)

    def test_accuracy_lost_without_the_older_maps(self):
        figures = {"whole": 0.9, "weight/b.layer1/input": 9.0}
        figures |= {"without/b.layer2": 0.8, "without/b.layer3": 0.6}
        assert isclose(figure("densenet-reuse", figures), 0.2)


class TestBranches:
    def test_a_branch_switched_off_is_one_whose_last_layer_gives_nothing(self, monkeypatch):
        torch.manual_seed(0)
        spec = cnnviz.spec("googlenet-d2l", batch_norm=True)
        first = Inception(spec, 1, (2, 2, 3, 2, 2, 2))
        second = Inception(spec, first.out_channels, (2, 2, 2, 2, 2, 2))
        parts = OrderedDict(inception_3a=first, inception_3b=second)
        parts["head"] = average_head(second.out_channels, 10)
        module = nn.Sequential(parts)
        images = pictures(40, 8)
        with torch.no_grad():
            module(images.images)
        module.eval()
        monkeypatch.setattr(branches, "accuracy", strength)
        found = dict(branches.branches(module, images, images))
        assert found["whole"] == strength(module, images)
        assert len(found) == 1 + 2 * 8
        for name, norm in (("branch2", "conv_norm"), ("branch4", "project_norm")):
            last = first.get_submodule(name).get_submodule(norm)
            kept = last.weight.detach().clone(), last.bias.detach().clone()
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
            expected = strength(module, images)
            assert isclose(found[f"without/inception_3a/{name}"], expected, rel_tol=1e-5)
            assert not isclose(expected, found["whole"], rel_tol=1e-3)
            last.weight.data, last.bias.data = kept
        squares = [part(images.images).double().square().sum() for part in first.children()]
        for number, square in enumerate(squares, start=1):
            share = (square / sum(squares)).item()
            assert isclose(found[f"share/inception_3a/branch{number}"], share, rel_tol=1e-6)

    def test_the_lead_of_3x3(self):
        figures = {"whole": 0.9}
        for block, three, five in (("3a", 0.5, 0.8), ("3b", 0.7, 0.6)):
            figures |= {f"without/{block}/branch{n}": 0.9 for n in (1, 4)}
            figures |= {f"without/{block}/branch2": three, f"without/{block}/branch3": five}
        assert isclose(figure("inception-branches", figures), 0.3 - 0.2)


class TestLossSurface:
    def test_a_direction_has_the_lengths_of_the_filters(self):
        weight = torch.randn(4, 3, 3, 3) * torch.tensor([0.0, 1, 10, 100]).view(4, 1, 1, 1)
        drawn = surface.direction(weight, torch.Generator().manual_seed(0))
        lengths = [(one.square().sum() ** 0.5).item() for one in drawn]
        expected = [(one.square().sum() ** 0.5).item() for one in weight]
        assert lengths == pytest.approx(expected, rel=1e-5)
        assert F.cosine_similarity(drawn.flatten(1), weight.flatten(1)).abs().max() < 0.9

    def test_losses_are_those_of_moved_weights_and_the_network_stays(self, monkeypatch):
        monkeypatch.setattr(surface, "SIDE", 3)
        torch.manual_seed(3)
        module = nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
        before = {name: value.clone() for name, value in module.state_dict().items()}
        images = pictures(64, 4)
        *_, found = probing("loss-surface", "after", module, images, images)
        assert found.names[:2] == ("-1/-1", "-1/0")
        assert all(torch.equal(before[name], now) for name, now in module.state_dict().items())
        losses = dict(zip(found.names, found.figures, strict=True))
        flat, weight, bias = images.images.flatten(1), before["1.weight"], before["1.bias"]
        assert isclose(
            losses["0/0"],
            F.cross_entropy(flat @ weight.T + bias, images.labels).item(),
            rel_tol=1e-5,
        )
        random = torch.Generator().manual_seed(3)
        first, second = (torch.randn(10, 16, generator=random) for _ in range(2))
        first, second = (
            torch.stack(
                [row * old.norm() / row.norm() for row, old in zip(one, weight, strict=True)]
            )
            for one in (first, second)
        )
        moved = flat @ (weight + first - second).T + bias
        expected = F.cross_entropy(moved, images.labels).item()
        assert isclose(losses["1/-1"], expected, rel_tol=1e-4)

    @pytest.mark.parametrize(
        ("height", "share"),
        [
            (lambda x, y: x * x + x * y + y * y, 1.0),
            (lambda x, y: -x * x - y * y, 0.0),
            (lambda x, y: x, 0.45),  # 36 of 80 points are to the right, 8 on the line
        ],
    )
    def test_steps_in_which_the_loss_rises(self, height, share):
        places = surface.places()
        figures = {f"{x:g}/{y:g}": height(x, y) for x in places for y in places}
        assert len(figures) == 81
        assert isclose(figure("loss-surface-shortcuts", figures), share)


def test_a_training_that_diverged_before_its_probe_has_no_figure(monkeypatch):
    chosen = EXPERIMENTS["loss-surface-shortcuts"]
    lost = measured("", {})
    found = verdict(chosen, {arm.name: {0: lost} for arm in chosen.arms})
    assert found.holds is None
    assert chosen.measure.written(found.measured["plain"]) == "–"


@pytest.mark.parametrize("name", ["depth-or-width", "densenet-or-resnet"])
def test_networks_that_are_compared_have_as_many_parameters(name):
    params = [cnnviz.analyze(arm.spec).params for arm in EXPERIMENTS[name].arms]
    assert max(params) / min(params) < 1.05
    assert "5 %" in EXPERIMENTS[name].question.en


def test_a_budget_takes_images_first_and_then_epochs():
    arm = EXPERIMENTS["degradation"].arms[0]
    numbers = [
        (one.recipe.images, one.recipe.epochs)
        for one in (shortened(arm, share) for share in (1.0, 0.5, 0.125, 0.0625, 0.015625))
    ]
    assert numbers == [(3000, 4), (1500, 4), (400, 4), (400, 2), (400, 1)]
    cost = Cost(start=1.0, step=0.1, evaluation=0.5, probe=2.0)
    assert isclose(cost.of(arm), 1.2 * (1 + 4 * (60 * 0.1 + 0.5) + 2))


@pytest.mark.sweep
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs_within_a_small_budget(name, capsys):
    told(EXPERIMENTS[name], seeds=1, budget=120, in_json=True)
    found = json.loads(capsys.readouterr().out)
    assert set(found["measured"]) == {arm.name for arm in EXPERIMENTS[name].arms}
    assert None not in found["measured"].values()
    assert found["holds"] in (True, False)
