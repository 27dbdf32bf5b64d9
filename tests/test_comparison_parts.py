"""What a comparison says of knobs, of blocks beside each other, and in a sentence."""

import pytest
from comparison_checks import check_parts

import cnnviz
from cnnviz.analysis.graph import blocks
from cnnviz.comparison.partners import partners
from cnnviz.comparison.sentence import what_changed


@pytest.mark.parametrize(
    ("first", "second", "knobs"),
    [
        (("densenet-121", {}), ("densenet-121", {"growth_rate": 12}), ["growth_rate"]),
        (("densenet-121", {}), ("densenet-161", {}), ["growth_rate", "depths", "stem_channels"]),
        (
            ("resnet", {"order": "pre-activation"}),
            ("resnet", {"residual": False, "num_classes": 10}),
            ["residual+order", "num_classes"],
        ),
        (
            ("resnet", {"groups": 32, "group_width": 4}),
            ("resnet", {"block": "basic", "depths": (2, 2, 2, 2)}),
            ["block+groups+group_width", "depths"],
        ),
    ],
)
def test_knob_parts(first, second, knobs):
    specs = [cnnviz.spec(name, **turned) for name, turned in (first, second)]
    comparison = cnnviz.compare(*specs)
    check_parts(comparison)
    assert ["+".join(part.knobs) for part in comparison.knobs] == knobs
    for part in comparison.knobs:
        for name, before, after in zip(part.knobs, part.before, part.after, strict=True):
            assert (before, after) == tuple(getattr(spec, name) for spec in specs)


def test_knobs_that_nearly_cancel_are_one_part():
    comparison = cnnviz.compare(cnnviz.spec("resnet-50"), cnnviz.spec("resnext-50-32x4d"))
    check_parts(comparison)
    names = ["+".join(part.knobs) for part in comparison.knobs]
    assert names == ["groups+group_width", "stride_on"]
    wide = cnnviz.spec("resnet-50", groups=32)
    both = comparison.knobs[0]
    first, last = (network.report for network in comparison.networks)
    turned_first = cnnviz.analyze(wide).params - first.params
    assert turned_first > 10 * abs(both.params), "which the other knob takes away again"
    assert (both.before, both.after) == ((1, 64), (32, 4))
    assert comparison.knobs[1].params == 0
    assert both.params == last.params - first.params
    # a network that is only wider keeps its parts apart
    shallow = cnnviz.spec("resnet-50", groups=2, depths=(1, 1, 1, 1))
    apart = cnnviz.compare(cnnviz.spec("resnet-50"), shallow)
    assert [part.knobs for part in apart.knobs] == [("depths",), ("groups",)]


@pytest.mark.parametrize(
    "pair", [("resnet-18", "resnet-34"), ("lenet-5", "alexnet"), ("nin", "nin")]
)
def test_what_stands_beside_an_op_or_a_block(pair):
    comparison = cnnviz.compare(*map(cnnviz.spec, pair))
    for number, network in enumerate(comparison.networks):
        other = 1 - number
        for row in comparison.rows:
            if layer := row.layers[number]:
                found = partners(comparison, number, layer.name)
                assert found[number] == layer.name
                assert found[other] == (row.layers[other] and row.layers[other].name)
        members = blocks(comparison.networks[other].report)
        for scope, positions in blocks(network.report).items():
            beside = partners(comparison, number, scope)[other]
            rows = [row for row in comparison.rows if row.positions[number] in positions]
            inside = {row.positions[other] for row in rows} - {None}
            held = {one: len(inside & {*members[one]}) / (len(inside) or 1) for one in members}
            holding = [one for one in members if inside and held[one] >= 0.8]
            if pair[0] == pair[1]:
                assert beside == scope
            elif not holding:
                assert beside is None
            else:
                assert beside in holding
                around = [one for one in holding if {*members[beside]} > {*members[one]}]
                assert not any(inside <= {*members[one]} for one in around), "a smaller one has all"


def test_a_block_stands_beside_its_like():
    alike = cnnviz.compare(*map(cnnviz.spec, ("resnet-50", "resnext-50-32x4d")))
    for scope in blocks(alike.networks[0].report):
        assert partners(alike, 0, scope) == partners(alike, 1, scope) == (scope, scope)
    comparison = cnnviz.compare(*map(cnnviz.spec, ("resnet-18", "resnet-34", "resnet-50")))
    assert partners(comparison, 0, "stage1") == ("stage1",) * 3
    assert partners(comparison, 0, "stage1.block2") == ("stage1.block2",) * 3
    assert partners(comparison, 1, "stage1.block3")[0] is None


def test_what_changed_in_a_sentence():
    specs = [cnnviz.spec("densenet-121"), cnnviz.spec("densenet-121", growth_rate=12)]
    said = what_changed(cnnviz.compare(*specs))
    for word in ("densenet-121:growth_rate=12", "fewer parameters", "growth rate from 32 to 12"):
        assert word in said.en
    for word in ("densenet-121:growth_rate=12", "参数量少", "增长率由 32 改为 12"):
        assert word in said.zh
    large = what_changed(cnnviz.compare(specs[0], cnnviz.spec("densenet-121", stem="cifar")))
    assert "15.4 times the MACs" in large.en
    assert "乘加次数为 15.4 倍" in large.zh
    same = what_changed(cnnviz.compare(specs[0], specs[0]))
    assert "as many parameters" in same.en
    assert "Layer by layer they are the same." in same.en
    with pytest.raises(ValueError, match="two networks, not 3"):
        what_changed(cnnviz.compare(*specs, specs[0]))
