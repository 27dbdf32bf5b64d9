"""The command that compares networks: as text, as JSON, refused in sentences."""

import json

import pytest

import cnnviz
from cnnviz.__main__ import main
from cnnviz.zoo import FAMILIES


def test_compare_as_json(capsys):
    arguments = ["densenet-121", "densenet-121:growth_rate=12,depths=6-12-24-12"]
    assert main(["compare", *arguments, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    data = json.loads(line)
    assert set(data) == {"networks", "rows", "knobs"}
    assert [network["name"] for network in data["networks"]] == arguments
    figures = {"name", "params", "macs", "saved_bytes", "receptive_field", "depth"}
    assert all(set(network) == figures for network in data["networks"])
    for row in data["rows"]:
        assert set(row) == {"status", "networks"}
        assert len(row["networks"]) == 2
        for entry in filter(None, row["networks"]):
            assert set(entry) == {"name", "kind", "output_shape", "params", "macs"}
    assert {row["status"] for row in data["rows"]} == {"same", "changed", "only"}
    assert [part["knob"] for part in data["knobs"]] == ["growth_rate", "depths"]
    assert [(part["from"], part["to"]) for part in data["knobs"]] == [
        (32, 12),
        ([6, 12, 24, 16], [6, 12, 24, 12]),
    ]
    for count in ("params", "macs"):
        first, second = (network[count] for network in data["networks"])
        assert sum(part[count] for part in data["knobs"]) == second - first


def test_compare_as_text(capsys):
    assert main(["compare", "lenet-5", "lenet-d2l", "alexnet"]) == 0
    folded = capsys.readouterr().out
    for word in ("lenet-d2l", "against the first", "parameters", "Stage 1", "not in all"):
        assert word in folded
    assert main(["compare", "lenet-5", "lenet-5:num_classes=26", "--layers"]) == 0
    every = capsys.readouterr().out
    assert "num_classes" in every
    assert "params: " in every
    layers = cnnviz.analyze(cnnviz.spec("lenet-5")).layers
    assert sum(line.startswith(("  = ", "  ~ ", "  ! ")) for line in every.splitlines()) == len(
        layers
    )


@pytest.mark.parametrize(
    ("networks", "words"),
    [
        (["lenet-5"], ["2 to 6 networks and got 1", "Add 1"]),
        (["lenet-5"] * 7, ["got 7", "Leave 1 out"]),
        (
            ["densnet", "lenet:paddding=2,padding=-1", "densenet:growth_rate=4096,depths=6-x"],
            [
                *("densnet", "densenet", "paddding is not a knob", "padding is '-1'"),
                *("densenet:growth_rate=4096,depths=6-x: growth_rate is 4096", "depths is '6-x'"),
            ],
        ),
        (["lenet:padding"], ["got 1", "padding is ''"]),
    ],
)
def test_wrong_networks_on_the_command_line_are_sentences_and_exit_2(capsys, networks, words):
    assert main(["compare", *networks, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for word in words:
        assert word in captured.err
    assert "Traceback" not in captured.err


def test_no_choice_of_a_knob_holds_a_sign_that_separates():
    for family in FAMILIES.values():
        for knob in family.spec.knobs():
            assert not any(sign in str(choice) for choice in knob.choices for sign in ",:")
