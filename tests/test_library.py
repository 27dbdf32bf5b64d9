"""What `import cnnviz` offers: names, tables, sentences."""

import pickle
import pydoc
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from training_requests import request

import cnnviz
from cnnviz.analysis.memory import step
from cnnviz.text import ExplainedError

RESNET = cnnviz.analyze("resnet-18")


class Spectrum(nn.Module):
    """An op without a formula behind one that has one."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return torch.fft.fft(self.conv(x)).real


# what there is


def test_dir_and_help_show_what_there_is_without_torch():
    asked = "import cnnviz, sys; print(*dir(cnnviz)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    shown, modules = (set(line.split()) for line in done.stdout.splitlines())
    assert set(cnnviz.__all__) <= shown
    assert not {"Any", "import_module"} & shown
    assert not {"torch", "pandas", "streamlit"} & modules
    told = pydoc.render_doc(cnnviz, renderer=pydoc.plaintext)
    for name in cnnviz.__all__:
        assert name in told
        assert getattr(cnnviz, name).__doc__, name


def test_a_network_goes_by_its_name_everywhere():
    spec = cnnviz.spec("lenet-5")
    assert cnnviz.analyze("LeNet-5") is cnnviz.analyze(spec)
    rows = cnnviz.compare("lenet5", "lenet-d2l").rows
    assert rows == cnnviz.compare(spec, cnnviz.spec("lenet-d2l")).rows
    assert cnnviz.draw("lenet5", depth=2) == cnnviz.draw(cnnviz.analyze(spec), depth=2)


# a report


def test_repr_is_a_line():
    assert len(repr(cnnviz.analyze("resnet-50"))) < 200
    for part in ("ResNet", "(1, 3, 224, 224)", "(1, 1000)", "11,689,512 params"):
        assert part in repr(RESNET)
    compared = repr(cnnviz.compare("resnet-18", "resnet-34"))
    assert len(compared) < 200
    assert "resnet-34" in compared


def test_str_is_a_table():
    rows = str(RESNET).splitlines()
    assert 5 < len(rows) < 20
    assert rows[-1].split()[:2] == ["total", "11,689,512"]
    assert any("2 × BasicBlock" in row for row in rows)
    assert "Stage 1" in str(cnnviz.compare("resnet-18", "resnet-34"))


def test_equal_reports_say_the_same():
    module = cnnviz.spec("resnet-18").build()
    again = cnnviz.analyze(module, (1, 3, 224, 224))
    assert again is not RESNET
    assert again == RESNET
    assert hash(again) == hash(RESNET)
    assert pickle.loads(pickle.dumps(again)) == RESNET
    assert cnnviz.analyze(module, (1, 3, 192, 192)) != RESNET
    strided = cnnviz.spec("resnet-50", stride_on="3x3")
    assert cnnviz.analyze(strided) != cnnviz.analyze("resnet-50")
    assert RESNET != "resnet-18"


def test_the_frame_has_every_op_and_sums_to_torchs_counts():
    module = cnnviz.spec("resnet-18").build()
    frame = RESNET.to_pandas()
    with FlopCounterMode(display=False) as counter:
        module.eval()(torch.zeros(1, 3, 224, 224))
    assert len(frame) == len(RESNET.layers)
    assert frame["params"].sum() == sum(weight.numel() for weight in module.parameters())
    assert 2 * frame["macs"].sum() == counter.get_total_flops()
    norms = frame[frame["operation"] == "batch_norm"]
    assert len(norms) == sum(isinstance(part, nn.BatchNorm2d) for part in module.modules())
    first = frame.iloc[0]
    assert (first["kernel"], first["stride"], first["inputs"]) == ((7, 7), (2, 2), ("input",))
    assert (first["output_shape"], first["receptive_field"]) == ((1, 64, 112, 112), 7)


@pytest.mark.parametrize("depth", [1, 2, 99])
def test_blocks_have_their_modules_parameters(depth):
    module = cnnviz.spec("resnet-18").build()
    blocks = RESNET.by_block(depth)
    assert blocks["params"].sum() == RESNET.params
    assert blocks["macs_share"].sum() == pytest.approx(100)
    assert blocks["ops"].sum() == len(RESNET.layers)
    for name, inner in module.named_modules():
        if name in blocks.index:
            assert blocks.loc[name, "params"] == sum(each.numel() for each in inner.parameters())
    if depth == 1:
        assert list(blocks.index) == [name for name, _ in module.named_children()]


@pytest.mark.parametrize("depth", [0, -1, 1.5, True])
def test_a_depth_that_is_none(depth):
    with pytest.raises(ValueError, match=f"depth is {depth}; .* at least 1"):
        cnnviz.analyze("lenet").by_block(depth)


def test_kinds_have_their_modules_parameters():
    kinds = RESNET.by_kind()
    module = cnnviz.spec("resnet-18").build()
    for kind, classes in {
        "convolution": nn.Conv2d,
        "linear": nn.Linear,
        "normalisation": nn.BatchNorm2d,
    }.items():
        parts = [part for part in module.modules() if isinstance(part, classes)]
        assert kinds.loc[kind, "ops"] == len(parts)
        weights = sum(weight.numel() for part in parts for weight in part.parameters())
        assert kinds.loc[kind, "params"] == weights
    assert kinds.index[0] == "convolution"
    assert kinds["macs"].sum() == RESNET.macs


def test_top():
    module = cnnviz.spec("resnet-18").build()
    sizes = {
        name: sum(weight.numel() for weight in part.parameters())
        for name, part in module.named_modules()
        if not list(part.children())
    }
    largest = sorted(sizes, key=sizes.get, reverse=True)[:3]
    assert set(RESNET.top(3, "params")["name"]) == set(largest)
    assert RESNET.top(1, "receptive_field")["receptive_field"].item() == RESNET.receptive_field
    assert len(RESNET.top()) == 10
    for wrong in ({"n": 0}, {"n": 2.5}, {"measure": "flops"}):
        with pytest.raises(ValueError, match=r"must be a whole|there are params, macs"):
            RESNET.top(**wrong)


def test_what_is_not_known_is_missing_and_never_zero():
    report = cnnviz.analyze(Spectrum(), (1, 1, 8, 8))
    assert report.to_pandas()["macs"].isna().sum() == 1
    assert report.by_kind()["macs"].isna().to_dict()["unknown"]
    assert "?" in str(report)
    assert "not known, and not in the total: MACs of fft" in str(report)


def test_a_network_without_ops_has_empty_tables():
    report = cnnviz.analyze(nn.Identity(), (1, 2))
    for frame in (report.to_pandas(), report.by_block(), report.by_kind(), report.top(3)):
        assert len(frame) == 0
    assert "0 params" in str(report)


def test_a_notebook_shows_graph_and_table(monkeypatch):
    shown = RESNET._repr_html_()
    assert shown.count('class="node"') == 6
    assert shown.count("<tr") == 7  # with the head
    assert "NA" not in shown
    assert cnnviz.draw(RESNET)._repr_html_().count("<svg") == 1
    monkeypatch.setattr(shutil, "which", lambda name: None)
    without = cnnviz.analyze("lenet")._repr_html_()
    assert "apt-get install graphviz" in without
    assert "<table" in without


# sentences


CONV = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3))
HEAD = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(7200, 3))


@pytest.mark.parametrize(
    ("network", "arguments", "words"),
    [
        (CONV, {"input_shape": (3, 32, 32)}, ["lacks the batch", "(1, 3, 32, 32)"]),
        (HEAD, {"input_shape": (3, 32, 32)}, ["lacks the batch", "(1, 3, 32, 32)"]),
        ("lenet", {"input_shape": (1, 32, 32)}, ["lacks the batch", "(1, 1, 32, 32)"]),
        ("lenet", {"input_shape": (1, 32)}, ["(1, 32)", "4 axes"]),
        (CONV, {"input_shape": 64}, ["input_shape is 64", "(1, 3, 64, 64)"]),
        (CONV, {"input_shape": "1x3x8x8"}, ["'1x3x8x8'", "(1, 3, 224, 224)"]),
        (CONV, {"input_shape": torch.zeros(1, 3, 4, 4)}, ["a tensor", "(1, 3, 4, 4)"]),
        (CONV, {"input_shape": (0, 3, 8.5, 8)}, ["axis 0 is 0", "axis 2 is 8.5"]),
        (CONV, {"input_shape": ()}, ["no axis"]),
        (CONV, {}, ["input_shape=(N, C, H, W)"]),
        (CONV, {"input_size": (1, 3, 8, 8)}, ["no input_size", "input_shape"]),
        (nn.Conv2d, {"input_shape": (1, 3, 8, 8)}, ["the class Conv2d", "Conv2d(…)"]),
        (7, {}, ["not int"]),
        ("resnt", {}, ["'resnt'", "resnet"]),
    ],
)
def test_usual_mistakes_get_a_sentence(network, arguments, words):
    with pytest.raises((ValueError, TypeError)) as error:
        cnnviz.analyze(network, **arguments)
    for word in words:
        assert word in str(error.value)


def test_images_that_are_made_of_rows_are_not_refused():
    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)

        def forward(self, x):
            return self.conv(x.unsqueeze(1))

    assert cnnviz.analyze(Rows(), (4, 8, 8)).output_shape == (4, 2, 6, 6)
    assert cnnviz.analyze(nn.Conv1d(3, 2, 3), (4, 3, 8)).output_shape == (4, 2, 6)


def test_comparing_names_every_problem():
    with pytest.raises(ValueError, match=r"Network 1: 'resnt'.*\nNetwork 2: 'vggg'"):
        cnnviz.compare("resnt", "vggg")


def test_drawing_names_every_problem():
    with pytest.raises(ExplainedError, match=r"depth is -3.*\nlanguage is fr.*\ncolour_by is x"):
        cnnviz.draw("lenet", depth=-3, language="fr", colour_by="x")
    with pytest.raises(ExplainedError, match="C33: no such block in the network; the nearest"):
        cnnviz.draw("lenet", opened=["C33"])


def test_drawing():
    assert cnnviz.draw("lenet", opened="C1").count('class="node"') == 9
    assert cnnviz.draw("lenet", depth=99).count('class="node"') == len(
        cnnviz.analyze("lenet").layers
    )
    assert "卷" in cnnviz.draw(CONV, input_shape=(1, 3, 8, 8), language="zh")


def test_training_memory():
    found = cnnviz.training_memory("resnet-18", 8, precision="mixed", optimiser="adam")
    assert found == step.training_memory(RESNET, 8, precision="mixed", optimiser="adam")
    assert found.gradients == 4 * RESNET.params
    with pytest.raises(ValueError, match=r"batch_size is 0.*\nprecision is 'x'.*\noptimiser is"):
        cnnviz.training_memory(RESNET, 0, precision="x", optimiser="y")


def test_weights_of_a_run_make_its_network(tmp_path):
    asked = request()
    trained = asked.spec.build().eval()
    file = tmp_path / "model.safetensors"
    save_file(trained.state_dict(), file, metadata={"request": asked.to_json()})
    module = cnnviz.load_weights(file)
    image = torch.rand(asked.spec.input_shape)
    assert torch.equal(module(image), trained(image))
    assert not module.training
    save_file(trained.state_dict(), file)
    with pytest.raises(ExplainedError):
        cnnviz.load_weights(file)
    with pytest.raises(FileNotFoundError):
        cnnviz.load_weights(tmp_path / "none.safetensors")
