"""What the papers print beside what is built: right verdicts, and a reason for every ≠."""

import pytest
from test_words import CHINESE, placeholders
from torch import nn

import cnnviz
from cnnviz.ledger import Verdict, compare
from cnnviz.ledger.checks import COMPUTE, checks, families_with_checks
from cnnviz.ledger.compare import measure, tables_of
from cnnviz.ledger.printed import parse_layers, parse_number, parse_shape
from cnnviz.ledger.tables import COLUMNS, SIZES, tables
from cnnviz.zoo import FAMILIES, PRESETS

EXACT, ROUNDED, CUT, DIFFERENT, ABSENT = Verdict
INCEPTION = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


def rows(name, **knobs):
    """Every row of a preset's ledger by table and key."""
    preset = PRESETS[name]
    found = compare(preset, preset.spec.turn(**knobs))
    return {(table.key, row.key): row for table in found for row in table.rows}


def differing(name):
    """The (row, column) of every cell that does not agree, of a preset as it is."""
    return {
        (key, column): cell.verdict
        for (_, key), row in rows(name).items()
        for column, cell in row.cells.items()
        if not cell.verdict.agrees
    }


def parse(column, text):
    parsers = {"layers": parse_layers, **dict.fromkeys(SIZES, parse_shape)}
    return parsers.get(column, parse_number)(text)


def test_the_whole_file_can_be_read():
    """Also the rows of presets that are not there yet."""
    for table in tables():
        keys = [entry.key for entry in table.entries]
        assert len(set(keys)) == len(keys), table.key
        for entry in table.entries:
            assert entry.printed, entry.key
            for column, cells in entry.printed.items():
                assert set(cells) <= {"", *table.presets}, (table.key, entry.key)
                for text in cells.values():
                    parse(column, text)
        for reason in table.reasons:
            assert set(reason.rows) <= set(keys), reason
            assert set(reason.columns) <= set(COLUMNS), reason
            assert set(reason.presets) <= set(table.presets), reason
    for family in families_with_checks():
        for one in checks(family):
            parse_number(one.printed, kilo=one.kilo)
            assert one.compute in COMPUTE


def test_the_file_speaks_both_languages():
    texts = [table.source for table in tables()]
    texts += [reason.text for table in tables() for reason in table.reasons]
    sums = [one for family in families_with_checks() for one in checks(family)]
    texts += [text for one in sums for text in (one.source, one.name, one.reason, one.note) if text]
    texts += [one.says for one in sums if one.says and one.says.en != one.says.zh]
    for text in texts:
        assert CHINESE.search(text.zh), text
        assert placeholders(text.en) == placeholders(text.zh)
    for name in [entry.name for table in tables() for entry in table.entries]:
        assert name.en == name.zh or CHINESE.search(name.zh), name
        assert not CHINESE.search(name.en)


def test_every_table_and_sum_belongs_to_something_in_the_zoo():
    assert {name for table in tables() for name in table.presets} <= PRESETS.keys()
    assert set(families_with_checks()) <= FAMILIES.keys()


@pytest.mark.sweep
def test_every_part_that_a_row_names_is_there():
    """In one preset of the table at least: batch norm is only in some."""
    for table in tables():
        reports = [cnnviz.analyze(PRESETS[name].spec) for name in table.presets]
        scopes = {scope for report in reports for scope in report.modules}
        for entry in table.entries:
            assert {*entry.at, *entry.but} <= {*scopes, "*"}, (table.key, entry.key)


def test_every_preset_has_its_totals(every_preset):
    found = rows(every_preset.name)
    assert found["totals", "total"].verdict is EXACT
    for table in tables_of(every_preset.name):
        assert any(key == table.key for key, _ in found)


def test_what_does_not_agree_has_a_reason(every_preset):
    for key, row in rows(every_preset.name).items():
        assert bool(row.why) is (not row.verdict.agrees), key


def test_every_cell_that_differs_has_one_reason_and_no_reason_is_stale(every_preset):
    off = differing(every_preset.name)
    explained = [
        (row, column)
        for table in tables_of(every_preset.name)
        for reason in table.reasons
        if every_preset.name in reason.presets and not reason.knob
        for row in reason.rows
        for column in reason.columns
    ]
    assert sorted(explained) == sorted(off)


def test_a_reason_of_a_knob_comes_with_the_knob(every_preset):
    for table in tables_of(every_preset.name):
        for reason in table.reasons:
            if not reason.knob or every_preset.name not in reason.presets:
                continue
            before = rows(every_preset.name)
            said = {
                key
                for value in every_preset.spec.knob(reason.knob).extremes
                for (_, key), row in rows(every_preset.name, **{reason.knob: value}).items()
                if any(part.en == reason.text.en for part in row.why)
            }
            assert said == set(reason.rows)
            assert not any(reason.text in row.why for row in before.values())


@pytest.mark.parametrize(
    ("preset", "layers"),
    [
        ("vgg-a", "conv3-256 conv3-256"),
        ("vgg-b", "conv3-256 conv3-256"),
        ("vgg-c", "conv3-256 conv3-256 conv1-256"),
        ("vgg-d", "conv3-256 conv3-256 conv3-256"),
        ("vgg-e", "conv3-256 conv3-256 conv3-256 conv3-256"),
    ],
)
def test_vgg_beside_its_table_of_layers(preset, layers):
    found = rows(preset)
    assert found["vgg", "conv3"].cells["layers"].shown == layers
    assert differing(preset) == {("softmax", "layers"): ABSENT}


def test_layers_of_a_part_are_compared_one_by_one():
    found = rows("vgg-d", depths=(2, 2, 3, 3, 2))
    assert found["vgg", "conv5"].verdict is DIFFERENT
    assert found["vgg", "conv4"].verdict is EXACT
    assert found["vgg", "depth"].cells["depth"].shown == "15"
    assert rows("vgg-a-lrn")["vgg", "conv1"].cells["layers"].shown == "conv3-64 LRN"
    assert rows("vgg-a", lrn=True)["vgg", "conv1"].verdict is DIFFERENT


def test_the_courses_own_networks_beside_their_shapes():
    """The parts of each network in order: what a part puts out goes into the next one."""
    for name in ("alexnet-d2l", "nin-d2l", "googlenet-d2l", "densenet-d2l"):
        assert differing(name) == {}
        assert sum(len(row.cells) for (key, _), row in rows(name).items() if key == name) >= 4


def test_lenet_5_agrees_in_every_number():
    found = rows("lenet-5")
    assert differing("lenet-5") == {}
    connections = [row.cells["connections"] for row in found.values() if "connections" in row.cells]
    counts = [int(cell.full.replace(",", "")) for cell in connections]
    assert counts == [122_304, 5_880, 151_600, 2_000, 48_120, 10_164, 850, 340_918]
    assert sum(counts[:-1]) == counts[-1]


def test_connections_are_a_column_only_where_the_source_counts_them():
    for name in PRESETS:
        counted = any("connections" in row.cells for row in rows(name).values())
        assert counted is (name == "lenet-5"), name


def test_googlenet_beside_its_table():
    assert differing("googlenet") == {
        **{("conv1", column): DIFFERENT for column in ("params", "macs")},
        **{(block, "params"): DIFFERENT for block in ("4a", "4b", "4c", "4d", "4e", "5a", "5b")},
        ("5a", "macs"): DIFFERENT,
        ("softmax", "output"): ABSENT,
    }
    first = rows("googlenet")["googlenet", "conv1"]
    assert (first.cells["params"].full, first.cells["macs"].full) == ("9,472", "118,013,952")
    assert rows("googlenet")["googlenet", "3a"].cells["params"].verdict is CUT
    assert rows("googlenet")["googlenet", "3b"].cells["params"].verdict is ROUNDED
    assert rows("googlenet")["googlenet", "linear"].cells["params"].verdict is CUT


def test_no_biases_bring_the_printed_counts_of_googlenet_back():
    """As the reason says: the six channel numbers give another count with and without them."""
    found = rows("googlenet", conv_bias=False)
    for block in ("4a", "4b", "4c", "4d", "4e", "5a", "5b"):
        assert found["googlenet", block].cells["params"].verdict is DIFFERENT


def test_torchvisions_3x3_in_place_of_5x5():
    off = differing("googlenet-torchvision")
    for block in INCEPTION:
        assert off[block, "params"] is DIFFERENT
        assert off[block, "macs"] is DIFFERENT
        (reason,) = rows("googlenet-torchvision")["googlenet", block].why
        assert "3×3" in reason.en
    found = rows("googlenet-torchvision", five_by_five="5x5")
    assert found["googlenet", "3a"].cells["macs"].verdict is ROUNDED


@pytest.mark.parametrize("name", ["resnet-50", "resnet-101", "resnet-152"])
def test_where_the_stride_sits(name):
    assert rows(name)["resnet", "flops"].verdict in (CUT, ROUNDED)
    turned = rows(name, stride_on="3x3")["resnet", "flops"]
    assert turned.verdict is DIFFERENT
    assert "four times the pixels" in turned.why[0].en
    assert turned.why[1].en == (
        "Differs because of the knobs turned: stride of a bottleneck on = the 3×3."
    )


def test_alexnet_beside_the_course():
    assert differing("alexnet-2012") == {
        ("C1", "input"): DIFFERENT,
        ("C3", "input"): DIFFERENT,
        ("sum", "params"): DIFFERENT,
    }
    found = rows("alexnet-2012")
    assert found["alexnet", "C1"].cells["input"].shown == "227×227×3"
    assert found["alexnet", "C3"].cells["input"].shown == "2 × (13×13×128)"
    assert found["alexnet", "sum"].cells["params"].full == "60,965,224"
    assert "96 biases" in found["alexnet", "sum"].why[0].en


def test_mobilenet_v2_without_batch_norm_is_what_its_paper_prints():
    report = cnnviz.analyze(PRESETS["mobilenet-v2"].spec)
    others = sum(layer.params for layer in report.layers if layer.kind != "normalisation")
    (reason,) = rows("mobilenet-v2")["mobilenet-v2", "sum"].why
    assert f"{others:,}" in reason.en
    assert parse_number("3.4M").verdict(others) is CUT


@pytest.mark.parametrize(
    ("name", "table", "printed"),
    [("efficientnet-b2", "efficientnet", "9.2M"), ("efficientnet-v2-s", "efficientnet-v2", "22M")],
)
def test_with_the_averages_of_batch_norm_it_is_what_the_paper_prints(name, table, printed):
    report = cnnviz.analyze(PRESETS[name].spec)
    norms = [layer for layer in report.layers if layer.kind == "normalisation"]
    kept = report.params + 2 * sum(layer.output_shape[1] for layer in norms)
    assert f"{kept:,}" in rows(name)[table, "sum"].why[0].en
    assert parse_number(printed).verdict(kept) is ROUNDED


def test_resnet_18_and_34_have_no_such_stride():
    assert rows("resnet-18")["resnet", "flops"].verdict is ROUNDED
    assert rows("resnet-34")["resnet", "flops"].verdict is CUT


def test_a_part_that_is_gone_is_no_number():
    row = rows("densenet-121", depths=(6, 12))["densenet", "dense block (3)"]
    assert row.verdict is ABSENT
    assert [text.en for text in row.why] == [
        "The network on screen has no such part.",
        "Differs because of the knobs turned: layers in each dense block = 6-12.",
    ]
    assert "6-12" in row.why[1].zh


def test_a_knob_that_changes_nothing_printed_changes_no_verdict():
    found = rows("densenet-121", growth_rate=12)
    assert found["densenet", "dense block (4)"].verdict is EXACT
    assert found["totals", "total"].verdict is DIFFERENT
    assert found["totals", "total"].why[0].zh == "不一致的原因是调节了超参数：增长率 k = 12。"


def test_a_reason_stays_where_a_knob_was_turned_as_well():
    row = rows("googlenet", image_size=256)["googlenet", "conv1"]
    assert row.cells["output"].shown == "128×128×64"
    assert "separable" in row.why[0].en
    assert "image size H = W = 256" in row.why[1].en


def test_the_parts_of_a_network_are_its_whole():
    """Rows that share no op sum to the totals."""
    (table,) = tables_of("googlenet")
    report = cnnviz.analyze(PRESETS["googlenet"].spec)
    parts = [measure(report, entry) for entry in table.entries if entry.at]
    for column in ("params", "macs"):
        assert sum(part[column] for part in parts) == getattr(report, column)


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Conv2d(3, 10, 3), (1, 3, 5, 5), (27 + 1) * 10 * 9),
        (nn.Conv2d(3, 10, 3, bias=False), (1, 3, 5, 5), 27 * 10 * 9),
        (nn.Conv2d(4, 8, 3, groups=2), (1, 4, 5, 5), (18 + 1) * 8 * 9),
        (nn.Linear(84, 10), (1, 84), (84 + 1) * 10),
        (nn.Linear(84, 10), (4, 84), (84 + 1) * 10),
        (nn.BatchNorm2d(6), (1, 6, 4, 4), 2 * 6 * 16),
        (nn.AvgPool2d(2), (1, 6, 4, 4), 0),
        (nn.ReLU(), (1, 6, 4, 4), 0),
    ],
)
def test_connections_are_uses_of_weights_and_biases(layer, shape, expected):
    assert cnnviz.analyze(layer, shape).connections == expected
