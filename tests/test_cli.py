"""The command line: the library's answers as text, JSON and SVG."""

import json

import pytest

import cnnviz
from cnnviz.__main__ import main


def test_presets(capsys):
    assert main(["presets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == cnnviz.presets()
    assert main(["presets"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(cnnviz.presets())


def test_describe_as_json(capsys):
    assert main(["describe", "densenet", "--set", "growth_rate=12", "depths=6-6", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    report = cnnviz.analyze(cnnviz.spec("densenet", growth_rate=12, depths=(6, 6)))
    assert data == json.loads(json.dumps(report.to_dict()))
    assert sum(layer["macs"] for layer in data["layers"]) == data["macs"] == data["flops"] // 2


def test_describe_as_a_table(capsys):
    assert main(["describe", "lenet-5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(cnnviz.analyze(cnnviz.spec("lenet-5")).layers)
    assert "60,850" in lines[-1]


@pytest.mark.parametrize(("depth", "nodes"), [(1, 8), (99, 27)])
def test_draw(tmp_path, depth, nodes):
    file = tmp_path / "lenet.svg"
    assert main(["draw", "lenet-5", "--depth", str(depth), "-o", str(file)]) == 0
    assert file.read_text(encoding="utf-8").count('class="node"') == nodes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["describe", "densnet"], ["densnet", "densenet"]),
        (["describe", "lenet", "--set", "paddding=2"], ["paddding", "padding"]),
        (
            ["describe", "densenet", "--set", "growth_rate=4096", "depths=6-x"],
            ["growth_rate is 4096", "depths is '6-x'"],
        ),
        (["describe", "densenet", "--set", "growth_rate"], ["growth_rate is ''"]),
        (
            ["train", "lenet", "--set", "padding=-1", "--epochs", "0", "--recipe", "seed=x"],
            ["padding is '-1'", "epochs is 0", "seed is 'x'"],
        ),
        (["draw", "lenet", "-o", "/nowhere/x.svg"], ["/nowhere/x.svg"]),
    ],
)
def test_wrong_input_is_sentences_and_exit_2(capsys, arguments, words):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for word in words:
        assert word in captured.err
    assert "Traceback" not in captured.err
