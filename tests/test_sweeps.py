"""Sweeps: the grid of one or two knobs, and the figures of each of its networks."""

import json
from contextlib import suppress

import psutil
import pytest
from conftest import few

import cnnviz
from cnnviz.__main__ import main
from cnnviz.knobs import Knob, SpecError
from cnnviz.sweeps import measuring
from cnnviz.sweeps.axis import MOST_POINTS, axis
from cnnviz.sweeps.figures import Figures, measured
from cnnviz.sweeps.sweep import typed_sweep

DENSENET = cnnviz.spec("densenet-121")


def values(text, name="compression", network="densenet-121"):
    return axis(cnnviz.spec(network), name, text).values


def said(*texts, start=DENSENET):
    with pytest.raises(SpecError) as error:
        typed_sweep(start, texts)
    return [problem.message for problem in error.value.problems]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("compression", "0.3:0.9:0.3", (0.3, 0.6, 0.9)),  # 0.3 + 0.3 + 0.3 is not quite 0.9
        ("compression", "0.1:1:0.1", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        ("compression", "0.5:0.5:0.25", (0.5,)),
        ("compression", ".3:.9:.3", (0.3, 0.6, 0.9)),
        ("compression", ".25,1", (0.25, 1.0)),
        ("growth_rate", "12:48:12", (12, 24, 36, 48)),
        ("growth_rate", " 12 : 14 : 1 ", (12, 13, 14)),
        ("growth_rate", "48,12", (48, 12)),
        ("depths", "6-12,6-12-24", ((6, 12), (6, 12, 24))),
        ("conv_bias", "false,true", (False, True)),
        ("stem", "imagenet,cifar", ("imagenet", "cifar")),
    ],
)
def test_both_ends_are_included_and_decimals_are_exact(name, text, expected):
    found = values(text, name)
    assert found == expected
    assert [type(one) for one in found] == [type(one) for one in expected]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("growth_rate=12:48", ["from:to:step"]),
        ("growth_rate=", ["from:to:step"]),
        ("growth_rate=12:48:1.5", ["'1.5'", "whole number"]),
        ("growth_rate=12:48:0", ["step of 0"]),
        ("growth_rate=48:12:12", ["from 48 to 12"]),
        ("growth_rate=12:50:12", ["never meet 50", "48 and 60"]),
        ("compression=0.1:0.5:0.3", ["never meet 0.5", "0.4 and 0.7"]),
        ("compression=0.5:1:1e-9", ["0.5:1:1e-9", "no number in decimals: '1e-9'"]),
        ("growth_rate=12:24:12,48", ["no whole number: '12,48'", "a list: 12,24,32"]),
        ("growth_rate=12:48:1000000000000", ["never meet 48", "12 and 1000000000012"]),
        ("growth_rate=a:48:b", ["no whole number: 'a', 'b'."]),
        ("=12:48:12", ["'=12:48:12' is no knob with its values"]),
        ("growth_rate:12:48:12", ["'growth_rate:12:48:12'", "growth_rate=12:48:12"]),
        ("growth_rate=1:99999999999999999999:1", ["99,999,999,999,999,999,999", "400"]),
        ("growth_rate=12,12", ["12 more than once"]),
        ("growth_rate=12,x", ["'x'"]),
        ("stem=imagenet:cifar:1", ["imagenet,cifar"]),
        ("stem=imagenet,other", ["'other'", "imagenet, cifar"]),
        ("depths=6:12:6", ["6-12-24-16"]),
        ("growth=12:48:12", ["growth", "growth_rate"]),
    ],
)
def test_what_is_no_axis_is_refused_in_a_sentence_of_both_languages(text, words):
    (message,) = said(text)
    assert all(word in message.en for word in words), message.en
    assert "{" not in message.en + message.zh
    assert message.en != message.zh


def test_a_list_that_is_too_long_is_not_read(monkeypatch):
    monkeypatch.setattr(Knob, "typed", None)
    (message,) = said("growth_rate=" + ",".join(map(str, range(5000))))
    assert "5,000 values" in message.en


@pytest.mark.parametrize("text", ["1:" * 5000, "-".join("1" * 5000) + "," + "-".join("1" * 5000)])
def test_a_long_text_is_cut(text):
    (message,) = said(f"depths={text}") if "," in text else said(f"growth_rate={text}")
    assert len(message.en) < 250


def test_all_problems_are_said_at_once():
    found = said("growth_rate=48:12:12", "compression=x", "growth=1:2:1")
    assert len(found) == 4
    assert "3 knobs" in found[3].en


def test_a_sweep_is_bounded():
    (message,) = said("growth_rate=1:21:1", "compression=0.05:1:0.05")
    assert "21 × 20" in message.en
    assert "420" in message.en
    assert len(typed_sweep(DENSENET, ["growth_rate=1:20:1", "compression=0.05:1:0.05"])) == 400
    assert MOST_POINTS == 400


def test_one_knob_is_not_swept_twice():
    assert "twice" in said("growth_rate=12,24", "growth_rate=32,48")[0].en


def test_the_points_are_all_combinations_and_the_last_knob_turns_fastest():
    sweep = typed_sweep(DENSENET, ["growth_rate=12,24", "compression=0.25,0.5,1"])
    assert [point.values for point in sweep.points] == [
        (k, theta) for k in (12, 24) for theta in (0.25, 0.5, 1.0)
    ]
    assert sweep.points[1].spec == DENSENET.turn(growth_rate=12, compression=0.5)


def test_a_point_that_cannot_be_built_says_why():
    sweep = typed_sweep(cnnviz.spec("vgg-d"), ["image_size=28,2000,224"])
    small, large, fits = sweep.points
    assert (small.spec, large.spec) == (None, None)
    assert "at least 32 px" in small.why.en
    assert "image_size is 2000" in large.why.en
    assert fits.spec == cnnviz.spec("vgg-d")


def test_the_figures_are_the_reports(preset):
    spec = preset.spec.turn(num_classes=preset.spec.num_classes + 1)
    fresh = measured(spec)  # nobody has analysed it
    report = cnnviz.analyze(spec)
    assert fresh == measured(spec)
    assert fresh == Figures(
        report.params, report.macs, report.saved_bytes, report.receptive_field, report.depth
    )


def helpers():
    """The processes beside this one that work for it."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "popen_loky" in " ".join(child.cmdline()):
                found.append(child)
    return found


@pytest.mark.parametrize("worth", few([0.0, float("inf")], {float("inf")}))
def test_every_network_is_measured_once_wherever(monkeypatch, worth):
    monkeypatch.setattr(measuring, "_WORTH", worth)
    specs = [cnnviz.spec("lenet-5", num_classes=classes) for classes in range(2, 42)]
    found = sorted(measuring.outcomes(specs))
    assert found == [(place, measured(spec)) for place, spec in enumerate(specs)]


def test_networks_of_a_lost_process_are_measured_here(monkeypatch):
    monkeypatch.setattr(measuring, "_WORTH", 0.0)
    specs = [cnnviz.spec("lenet-5", num_classes=classes) for classes in range(2, 30)]
    found = []
    for each in measuring.outcomes(specs):
        found.append(each)
        for helper in helpers():
            helper.kill()
    assert [place for place, _ in sorted(found)] == list(range(len(specs)))


def swept(capsys, *arguments):
    assert main(["sweep", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    return json.loads(captured.out)


def test_the_command_gives_a_row_for_each_network(capsys):
    data = swept(capsys, "lenet-5", "--over", "image_size=32:36:2", "--over", "num_classes=10,26")
    assert list(data) == ["rows"]
    expected = []
    for size in (32, 34, 36):
        for classes in (10, 26):
            report = cnnviz.analyze(cnnviz.spec("lenet-5", image_size=size, num_classes=classes))
            expected.append(
                {
                    "image_size": size,
                    "num_classes": classes,
                    "params": report.params,
                    "macs": report.macs,
                    "saved_bytes": report.saved_bytes,
                    "receptive_field": report.receptive_field,
                    "depth": report.depth,
                }
            )
    assert data["rows"] == expected


def test_the_command_turns_the_other_knobs_and_refuses_points(capsys):
    data = swept(capsys, "vgg16", "--set", "num_classes=10", "--over", "image_size=28,32")
    refused, row = data["rows"]
    assert refused["image_size"] == 28
    assert "at least 32 px" in refused["refused"]
    assert set(refused) == {"image_size", "refused"}
    assert (
        row["params"] == cnnviz.analyze(cnnviz.spec("vgg16", num_classes=10, image_size=32)).params
    )


def test_the_command_prints_a_table(capsys):
    assert main(["sweep", "lenet-5", "--over", "image_size=4,32"]) == 0
    table, _, refused = capsys.readouterr().out.partition("\n\n")
    head, _, row = table.splitlines()
    assert head.split()[:3] == ["image_size", "params", "macs"]
    assert row.split()[:3] == ["32", "60,850", "325,680"]
    assert refused.startswith("image_size=4: image_size is 4")


def test_a_knob_is_set_or_swept_however_it_is_typed(capsys):
    assert main(["sweep", "lenet", "--set", "num_classes=5", "--over", "num_classes =2,3"]) == 2
    assert "num_classes is set and swept" in capsys.readouterr().err


def test_the_command_says_everything_that_is_wrong(capsys):
    arguments = ["--set", "growth_rate=x", "num_classes=5"]
    arguments += ["--over", "num_classes=2:3:1", "--over", "compression=1:0:1"]
    assert main(["sweep", "densenet", *arguments, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for words in ("growth_rate is 'x'", "num_classes is set and swept", "from 1 to 0"):
        assert words in captured.err
    assert main(["sweep", "densenet", "--json"]) == 2
    assert "Say what to sweep" in capsys.readouterr().err
    assert main(["sweep", "densnet", "--over", "x=1"]) == 2
