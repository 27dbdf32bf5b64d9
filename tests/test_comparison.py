"""Networks side by side: no layer lost or doubled, and what differs is what was changed."""

import copy
import random
import time
from itertools import combinations

import pytest
import torch
from comparison_checks import check, check_parts
from conftest import QUICK
from torch import nn

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.comparison.partners import differences
from cnnviz.zoo import FAMILIES, PRESETS

SHAPE = (1, 3, 32, 32)
WITHIN = [
    pair
    for family in FAMILIES.values()
    for pair in combinations([preset.name for preset in family.presets], 2)
]
ACROSS = [
    pair
    for pair in combinations(PRESETS, 2)
    if type(PRESETS[pair[0]].spec) is not type(PRESETS[pair[1]].spec)
]
SMALL = [("lenet-5", "alexnet"), ("lenet-d2l", "densenet-d2l")]


def pairs():
    for pair in [*WITHIN, *random.Random(0).sample(ACROSS, 40)]:
        quick = pair in WITHIN and QUICK.issuperset(pair)
        yield pytest.param(pair, id="|".join(pair), marks=() if quick else pytest.mark.sweep)
    for pair in SMALL:
        yield pytest.param(pair, id="|".join(pair))


@pytest.mark.parametrize("pair", list(pairs()))
def test_every_layer_stands_in_one_row(pair):
    comparison = cnnviz.compare(*map(cnnviz.spec, pair))
    check(comparison)
    if pair in WITHIN:
        check_parts(comparison)
    else:
        assert comparison.knobs == ()


def test_a_network_and_itself_are_the_same(preset):
    comparison = cnnviz.compare(preset.spec, preset.spec)
    check(comparison)
    assert {row.status for row in comparison.rows} == {"same"}
    assert comparison.knobs == ()


class Block(nn.Module):
    """Two convolutions with a shortcut; `skip` is what the shortcut takes, 0 or 1 layers in."""

    def __init__(self, *, skip=0, **layers):
        super().__init__()
        self.conv1 = layers.get("conv1") or nn.Conv2d(8, 8, 3, padding=1)
        self.norm = layers.get("norm") or nn.BatchNorm2d(8)
        self.act = layers.get("act") or nn.ReLU()
        self.conv2 = layers.get("conv2") or nn.Conv2d(8, 8, 3, padding=1)
        self.pool = layers.get("pool") or nn.MaxPool2d(2, ceil_mode=True)
        self.skip = skip

    def forward(self, x):
        first = self.conv1(x)
        y = self.conv2(self.act(self.norm(first)))
        return self.pool(y + (first if self.skip else x))


def network(**second):
    """Four equal blocks, the third of them with some layers changed."""
    blocks = [Block() for _ in range(4)]
    blocks[2] = Block(**second)
    return nn.Sequential(nn.Conv2d(3, 8, 1), *blocks, nn.Flatten(), nn.Linear(8 * 4, 10))


@pytest.mark.parametrize(
    ("layers", "name", "what"),
    [
        ({"conv1": nn.Conv2d(8, 8, 5, padding=2)}, "3.conv1", "kernel"),
        ({"conv2": nn.Conv2d(8, 8, 3, padding=2, dilation=2)}, "3.conv2", "dilation"),
        ({"conv1": nn.Conv2d(8, 8, 3, padding=1, groups=8)}, "3.conv1", "kind"),
        ({"conv2": nn.Conv2d(8, 8, 3, padding=1, bias=False)}, "3.conv2", "params"),
        ({"norm": nn.GroupNorm(2, 8)}, "3.norm", "operation"),
        ({"norm": nn.Sigmoid()}, "3.norm", "kind"),
        ({"act": nn.GELU()}, "3.act", "operation"),
        ({"act": nn.MaxPool2d(3, 1, 1)}, "3.act", "kernel"),
        ({"act": nn.Conv2d(8, 8, 1)}, "3.act", "params"),
        ({"pool": nn.AvgPool2d(2)}, "3.pool", "operation"),
        ({"pool": nn.Conv2d(8, 8, 2, stride=2)}, "3.pool", "kind"),
        ({"skip": 1}, "3.add", "inputs"),
    ],
)
def test_the_one_changed_layer_is_the_only_changed_row(layers, name, what):
    comparison = cnnviz.compare(network(), network(**layers), input_shape=SHAPE)
    check(comparison)
    (changed,) = (row for row in comparison.rows if row.status != "same")
    assert changed.status == "changed"
    assert [layer.name for layer in changed.layers] == [name, name]
    assert what in [change.what for change in changed.changes]


def test_one_larger_kernel_in_a_preset_is_the_only_changed_row(preset):
    model = build_on_meta(preset.spec)
    report = cnnviz.analyze(model, input_shape=preset.spec.input_shape)
    convolutions = [
        layer
        for layer in report.layers
        if isinstance(model.get_submodule(layer.scope.split(":")[0]), nn.Conv2d)
    ]
    for chosen in random.Random(0).sample(convolutions, 2):
        changed = copy.deepcopy(model)
        conv = changed.get_submodule(chosen.scope)
        around, _, name = chosen.scope.rpartition(".")
        larger = nn.Conv2d(
            conv.in_channels,
            conv.out_channels,
            [side + 2 for side in conv.kernel_size],
            conv.stride,
            [side + 1 for side in conv.padding],
            groups=conv.groups,
            bias=conv.bias is not None,
            device="meta",
        )
        setattr(changed.get_submodule(around), name, larger)
        comparison = cnnviz.compare(report, changed, input_shape=preset.spec.input_shape)
        (row,) = (row for row in comparison.rows if row.status != "same")
        assert row.status == "changed"
        assert row.layers[0] is chosen
        assert row.layers[1].name == chosen.name


def test_a_change_says_from_what_to_what():
    wide = network(conv1=nn.Conv2d(8, 8, 5, padding=2))
    comparison = cnnviz.compare(network(), wide, input_shape=SHAPE)
    (changed,) = (row for row in comparison.rows if row.status == "changed")
    values = {change.what: change.values for change in changed.changes}
    assert values == {
        "kernel": ((3, 3), (5, 5)),
        "padding": ((1, 1), (2, 2)),
        "params": (8 * 8 * 9 + 8, 8 * 8 * 25 + 8),
        "macs": (8 * 8 * 9 * 8 * 8, 8 * 8 * 25 * 8 * 8),
    }
    rewired = cnnviz.compare(network(), network(skip=1), input_shape=SHAPE)
    (changed,) = (row for row in rewired.rows if row.status == "changed")
    (change,) = changed.changes
    assert change.values == (("3.conv2", "2.pool"), ("3.conv2", "3.conv1"))


def test_a_layer_that_one_network_has_is_the_only_such_row():
    comparison = cnnviz.compare(network(), network(norm=nn.Identity()), input_shape=SHAPE)
    check(comparison)
    (alone,) = (row for row in comparison.rows if row.status != "same")
    assert alone.status == "only"
    assert [layer and layer.name for layer in alone.layers] == ["3.norm", None]


def test_a_stride_taken_away_makes_one_stage_of_two_and_loses_no_pair():
    whole = network(pool=nn.MaxPool2d(3, 1, 1))
    whole[6] = nn.Linear(8 * 16, 10)
    comparison = cnnviz.compare(network(), whole, input_shape=SHAPE)
    check(comparison)
    assert {row.status for row in comparison.rows} == {"same", "changed"}
    assert all(layer.name == row.layers[0].name for row in comparison.rows for layer in row.layers)


def test_stages_go_by_the_size_of_the_maps():
    comparison = cnnviz.compare(cnnviz.spec("densenet-121"), cnnviz.spec("resnet-50"))
    assert [stage.sizes for stage in comparison.stages] == [
        (((size, size),), ((size, size),)) for size in (112, 56, 28, 14, 7, 1)
    ]
    assert [row for stage in comparison.stages for row in stage.rows] == list(comparison.rows)
    deeper = cnnviz.compare(cnnviz.spec("resnet-50"), cnnviz.spec("resnet-152"))
    assert {row.status for row in deeper.rows} == {"same", "only"}, "the same blocks, and more"
    assert deeper.count("same") == len(deeper.networks[0].report.layers)


def test_unlike_networks_stand_side_by_side_by_size():
    comparison = cnnviz.compare(cnnviz.spec("vgg"), cnnviz.spec("resnet"))
    sides = [[sizes and sizes[0][0] for sizes in stage.sizes] for stage in comparison.stages]
    assert sides[:6] == [[224, ()], [112, 112], [56, 56], [28, 28], [14, 14], [7, 7]]


def test_equal_layers_stand_side_by_side_at_any_size():
    specs = [cnnviz.spec("densenet-121"), cnnviz.spec("densenet-121", stem="cifar")]
    comparison = cnnviz.compare(*specs)
    check(comparison)
    for row in comparison.rows:
        names = {layer.name for layer in row.layers if layer}
        assert len(names) == 1, "the blocks are the same"
        assert row.status != "only" or names.pop().startswith("stem.")


def test_the_first_blocks_are_paired_with_the_first():
    comparison = cnnviz.compare(
        cnnviz.spec("densenet-40-k12"), cnnviz.spec("densenet-40-k12", depths=(12, 14, 12))
    )
    alone = [row.layers[1].name for row in comparison.rows if row.status == "only"]
    assert {name.split(".")[1] for name in alone} == {"layer13", "layer14", "cat:13", "cat:14"}


def test_the_third_network_stands_beside_what_the_second_has_more():
    short, long = network(norm=nn.Identity()), network()
    comparison = cnnviz.compare(short, long, long, input_shape=SHAPE)
    check(comparison)
    (alone,) = (row for row in comparison.rows if row.status != "same")
    assert [layer and layer.name for layer in alone.layers] == [None, "3.norm", "3.norm"]


def test_six_networks_of_six_families():
    names = ("lenet", "alexnet", "vgg", "nin", "resnet", "densenet")
    comparison = cnnviz.compare(*map(cnnviz.spec, names))
    check(comparison)
    assert len(comparison.rows[0].layers) == 6


def test_modules_come_back_untouched_and_reports_are_taken_as_they_are():
    module = network().train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    report = cnnviz.analyze(module, input_shape=(8, *SHAPE[1:]))
    comparison = cnnviz.compare(module, report, input_shape=SHAPE)
    assert {row.status for row in comparison.rows} == {"same"}, "whatever the batch"
    assert comparison.networks[1].report is report
    assert [each.name for each in comparison.networks] == ["Sequential", "Sequential"]
    assert module.training
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_upsampling_and_vectors_have_stages_too():
    maps = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.Upsample(scale_factor=4), nn.ReLU())
    vectors = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    check(cnnviz.compare(maps, vectors, nn.Identity(), input_shape=SHAPE))


def test_specs_are_named_by_preset_and_knobs():
    specs = [cnnviz.spec("densenet-201"), cnnviz.spec("densenet-121", growth_rate=12)]
    names = [each.name for each in cnnviz.compare(*specs).networks]
    assert names == ["densenet-201", "densenet-121:growth_rate=12"]
    assert [each.name for each in cnnviz.compare(*specs, names=("a", "b")).networks] == ["a", "b"]


def test_wrong_networks_are_sentences_all_at_once():
    with pytest.raises(TypeError) as error:
        cnnviz.compare(5, network(), names=["one"])
    for word in ("Network 1", "int", "cnnviz.spec", "Network 2", "input_shape", "names has 1"):
        assert word in str(error.value)
    spec = cnnviz.spec("lenet-5")
    with pytest.raises(ValueError, match=r"2 to 6 networks and got 1\. Add 1"):
        cnnviz.compare(spec)
    with pytest.raises(ValueError, match=r"got 7\. Leave 1 out"):
        cnnviz.compare(*[spec] * 7)


def test_differences_have_the_status_of_their_rows():
    wide = network(conv1=nn.Conv2d(8, 8, 5, padding=2))
    changed = cnnviz.compare(network(), wide, input_shape=SHAPE)
    for number in (0, 1):
        assert differences(changed, number) == {"3": "changed", "3.conv1": "changed"}
    more = cnnviz.compare(
        network(), nn.Sequential(*network(), nn.Sequential(nn.ReLU(), nn.Tanh())), input_shape=SHAPE
    )
    assert differences(more, 0) == {}
    assert differences(more, 1) == {"7": "only", "7.0": "only", "7.1": "only"}


@pytest.mark.load
def test_a_large_pair_is_fast():
    reports = [cnnviz.analyze(cnnviz.spec(name)) for name in ("densenet-264", "resnet-152")]
    start = time.process_time()
    cnnviz.compare(*reports)
    assert time.process_time() - start < 2
