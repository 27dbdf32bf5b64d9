"""The command line: the library's answers as text, JSON and SVG."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.tables.rows import MEASURES
from cnnviz.command import parser


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


def table(capsys, *options):
    """The rows of the table that describe prints, without its head and its total."""
    assert main(["describe", "lenet-5", *options]) == 0
    said, _, rows = capsys.readouterr().out.partition("\n\n")
    for words in ("60,850 params", "325,680 MACs", "depth 5", "receptive field 16 px", "3.71 MB"):
        assert words in said
    _, *rows, total = rows.splitlines()
    assert re.fullmatch(r"total +60,850 +325,680 +93.1 kB +16 px", total)
    return rows


def test_describe_shows_blocks(capsys):
    names = [row.split()[0] for row in table(capsys)]
    assert names == ["C1", "S2", "C3", "S4", "flatten", "C5", "F6", "output"]
    inner = table(capsys, "--depth", "2")
    assert inner[:2] == [row for row in inner if row.lstrip().startswith("C1")][:2]
    assert inner[1].startswith("  C1.conv ")
    assert re.search(r"conv2d 5×5 +1×6×28×28 +156 +117,600 +4.10 kB +5 px", inner[1])


def test_describe_sorts(capsys):
    rows = table(capsys, "--depth", "99", "--sort", "params")
    assert len(rows) == len(cnnviz.analyze("lenet-5").layers)
    assert [row.split()[0] for row in rows[:2]] == ["C5.linear", "F6.linear"]
    assert table(capsys, "--sort", "macs")[0].startswith("C3 ")


def test_describe_as_csv(capsys):
    assert main(["describe", "lenet-5", "--csv", "--sort", "params"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["name"] for row in rows[:2]] == ["C5", "F6"]
    assert sum(int(row["params"]) for row in rows) == 60_850
    assert sum(float(row["macs_share"]) for row in rows) == pytest.approx(100)


def test_the_measures_to_sort_by_are_the_librarys(capsys):
    with pytest.raises(SystemExit):
        main(["describe", "lenet", "--sort", "x"])
    said = capsys.readouterr().err
    assert all(measure in said for measure in MEASURES)


@pytest.mark.parametrize(("depth", "nodes"), [(1, 8), (99, 27)])
def test_draw(tmp_path, depth, nodes):
    file = tmp_path / "lenet.svg"
    assert main(["draw", "lenet-5", "--depth", str(depth), "-o", str(file)]) == 0
    assert file.read_text(encoding="utf-8").count('class="node"') == nodes


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_draw_writes_what_its_name_says(tmp_path, ending, begins):
    file = tmp_path / f"lenet.{ending}"
    assert main(["draw", "lenet-5", "-o", str(file)]) == 0
    assert file.read_bytes().startswith(begins)


def test_knobs(capsys):
    assert main(["knobs", "DenseNet-169"]) == 0
    said = capsys.readouterr().out
    for knob in cnnviz.spec("densenet").knobs():
        assert f"\n{knob.name} " in said
    assert "depths = 6-12-32-32; " in said


def test_version(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"cnnviz {cnnviz.__version__}\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("dra", {"draw"}),
        ("describe resnet-5", {"resnet-50", "resnet-56"}),
        ("compare vgg-d resnext-101-3", {"resnext-101-32x8d"}),
        ("describe lenet --so", {"--sort"}),
    ],
)
def test_completion(capsys, tmp_path, typed, offered):
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "cnnviz.sh"
    script.write_text(capsys.readouterr().out)
    words = ["cnnviz", *typed.split()]
    asked = f"""source {script}
    COMP_WORDS=({" ".join(words)}) COMP_CWORD={len(words) - 1}
    _shtab_cnnviz cnnviz "${{COMP_WORDS[-1]}}"
    printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert {word.strip() for word in done.stdout.split()} == offered


@pytest.mark.parametrize("command", ["time", "train", "sweep"])
def test_a_gpu_without_a_number_is_the_first(command):
    read = parser("cnnviz").parse_args([command, "lenet-5", "--device", "cuda"])
    assert read.device == "cuda:0"


def test_a_reader_that_leaves_gets_no_words():
    command = [sys.executable, "-m", "cnnviz", "presets"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (141, b"")


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
        (["draw", "lenet", "-o", "x.gif"], [".gif", ".svg, .pdf, .png"]),
        (["draw", "lenet", "-o", "x.svg", "--depth", "-3"], ["depth is -3", "1 to 99"]),
        (["describe", "lenet", "--depth", "0"], ["depth is 0"]),
        (["describe", "lenet", "--json", "--depth", "2"], ["--depth", "--csv"]),
        (["knobs", "lenett"], ["lenett", "lenet"]),
        (
            ["describe", "densenet", "--set", "growth=3", "depths=0", "image_size=2000"],
            ["growth", "growth_rate", "depths is 0", "image_size is 2000"],
        ),
    ],
)
def test_wrong_input_is_sentences_and_exit_2(capsys, arguments, words):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for word in words:
        assert word in captured.err
    assert "Traceback" not in captured.err


def test_what_the_output_has_no_sign_for_is_its_code(monkeypatch):
    """As where a Windows console's output goes to a file."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["compare", "lenet-5", "lenet-d2l"]) == 0
    assert rb"\u2192" in out.buffer.getvalue()
