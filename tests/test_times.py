"""The command time, and the files of times that it writes and the page reads."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from plotly.colors import sequential

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.timing.times import MOST_BYTES, Row, Times, TimesError, times_from_json
from cnnviz.library import timing

TIMES = Times(
    network="lenet-5",
    device="A GPU",
    batch=8,
    precision="fp16",
    channels_last=True,
    rows=(
        Row("C1", 1.5, 2.5, 0.1, 0.2, 0.5),
        Row("S2", 0.5),
    ),
    whole_ms=2.0,
    whole_backward_ms=2.6,
    peak_flops=1e12,
    peak_bandwidth=1e11,
)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(timing, "SECONDS", 0)


def test_the_command_gives_one_line_of_json(capsys, quick):
    assert main(["time", "lenet-5", "--device", "cpu", "--batch", "2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    found = json.loads(out)
    assert [row["name"] for row in found["rows"]] == [
        layer.name for layer in cnnviz.analyze("lenet-5").layers
    ]
    assert all(row["forward_ms"] >= 0 and row["backward_ms"] >= 0 for row in found["rows"])
    assert found["whole_ms"] > 0
    assert "forward" in err
    assert times_from_json(out.encode()).batch == 2


def test_the_command_gives_a_table(capsys, quick):
    assert main(["time", "lenet-d2l", "--device", "cpu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split()[0] for line in lines[3:]]
    layers = cnnviz.analyze("lenet-d2l").layers
    assert names == [*(layer.name for layer in layers), "sum", "whole"]


def test_all_that_is_wrong_is_told_at_once(capsys):
    command = ["time", "lenet-5", "--set", "x=1", "--device", "cuda:9", "--batch", "0.5", "--json"]
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert out == ""
    for said in ("x is not a knob", "There is no device 'cuda:9'", "batch is 0.5; it must be"):
        assert said in err


def test_times_go_through_a_file():
    assert times_from_json(TIMES.to_json().encode()) == TIMES
    assert TIMES.images_a_second == 4000
    assert TIMES.peak == (1e12, 1e11)
    assert replace(TIMES, peak_flops=None).peak is None


def test_the_times_of_a_long_network_are_read_again():
    spec = cnnviz.spec("efficientnet-v2", depths=(32,) * 6, fused_stages=0, image_size=1)
    milliseconds = (123_456.123456,) * 5
    rows = tuple(Row(layer.name, *milliseconds) for layer in cnnviz.analyze(spec).layers)
    assert len(rows) > 2700
    found = replace(TIMES, rows=rows)
    assert times_from_json(found.to_json().encode()) == found


def test_the_line_of_json_is_ascii():
    found = replace(TIMES, device="AMD® EPYC™")
    assert found.to_json().isascii()
    assert times_from_json(found.to_json().encode()) == found


BROKEN = {
    "Invalid JSON": b"{",
    "device: Field required": b'{"network": "x"}',
    "> 1,000,000 bytes": b" " * (MOST_BYTES + 1),
    "two ops of one name": replace(TIMES, rows=TIMES.rows[:1] * 2).to_json().encode(),
    "rows: Tuple should have at least 1 item": replace(TIMES, rows=()).to_json().encode(),
    "whole_ms: Input should be greater": replace(TIMES, whole_ms=-1.0).to_json().encode(),
    "whole_ms: Input should be a finite": replace(TIMES, whole_ms=float("nan")).to_json().encode(),
    "batch: Input should be": replace(TIMES, batch=10**6).to_json().encode(),
    "network: String should have at most": replace(TIMES, network="x" * 201).to_json().encode(),
    "code: Unexpected keyword": TIMES.to_json().replace("{", '{"code": 1, ', 1).encode(),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_file_that_holds_no_times_gets_a_sentence(why):
    with pytest.raises(TimesError) as refused:
        times_from_json(BROKEN[why])
    assert why in refused.value.message.en
    assert "计时文件" in refused.value.message.zh


def test_a_picture_has_the_colours_of_a_files_times(tmp_path, capsys):
    """Of ops of which one alone takes time, that one has another colour."""
    layers = cnnviz.analyze("lenet-5").layers
    rows = tuple(Row(layer.name, float(layer.name == "C5.linear")) for layer in layers)
    file, picture = tmp_path / "times.json", tmp_path / "lenet.svg"
    file.write_text(replace(TIMES, rows=rows).to_json())
    for command in (["draw"], ["export", "--theme", "dark"]):
        order = [*command, "lenet-5", "--depth", "99", "-o", str(picture), "--times", str(file)]
        assert main(order) == 0
        shapes = re.findall(r'<g id="[^"]*" class="node.*?</g>', picture.read_text(), re.S)
        fills = Counter(re.search('fill="(#[0-9a-fA-F]{6})"', shape)[1] for shape in shapes)
        assert fills[sequential.Cividis[-1]] == 1
        assert fills[sequential.Cividis[0]] == len(layers) - 1
    capsys.readouterr()
    for arguments, words in (
        (["draw", "lenet-d2l", "-o", str(picture)], "times of lenet-5, whose ops are not"),
        (["export", "lenet-5", "-o", str(tmp_path / "x.py")], ".svg, .pdf, .png, or leave --times"),
    ):
        assert main([*arguments, "--times", str(file)]) == 2
        assert words in capsys.readouterr().err
    file.write_text("{}")
    assert main(["draw", "lenet-5", "-o", str(picture), "--times", str(file)]) == 2
    assert "no file of times" in capsys.readouterr().err
