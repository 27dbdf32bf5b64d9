"""Reports as JSON traces: what comes back, and what is refused."""

import json

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis import traces
from cnnviz.analysis.traces import TraceError
from cnnviz.library.loading import opened


class Odd(nn.Module):
    """An unknown op, an unused parameter, and a unit that sees nothing of the image."""

    def __init__(self):
        super().__init__()
        self.conv = nn.ConvTranspose2d(1, 2, 2, stride=3)
        self.unused = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        return torch.fft.fft(self.conv(x)).real


class Queries(nn.Module):
    """Ops that read no pixel: learned queries, and what is made of them."""

    def __init__(self):
        super().__init__()
        self.words, self.mix, self.conv = nn.Embedding(4, 3), nn.Linear(3, 3), nn.Conv2d(1, 3, 1)

    def forward(self, x):
        queries = self.mix(self.words(torch.arange(4))).relu()
        return torch.einsum("qc,nchw->nqhw", queries, self.conv(x))


NETWORKS = {
    "lenet": lambda: cnnviz.analyze("lenet"),
    "googlenet": lambda: cnnviz.analyze("googlenet"),
    "shufflenet": lambda: cnnviz.analyze("shufflenet-v1-g3"),
    "odd": lambda: cnnviz.analyze(Odd(), (2, 1, 5, 5)),
    "queries": lambda: cnnviz.analyze(Queries(), (2, 1, 5, 5)),
    "resizing": lambda: cnnviz.analyze(
        nn.Sequential(nn.UpsamplingBilinear2d(scale_factor=2), nn.Conv2d(3, 2, 3)), (1, 3, 5, 5)
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_saved_comes_back(name, tmp_path):
    report = NETWORKS[name]()
    read = cnnviz.load_report(report.save(tmp_path / "net.json"))
    assert read == report
    assert read.to_dict() == report.to_dict()
    for one, other in zip(read.layers, report.layers, strict=True):
        for column in traces.COLUMNS:
            assert getattr(one, column) == getattr(other, column), column
        assert one.field == other.field
    for fact in ("depth", "longest_path", "last_map", "modules", "buffers", "field_unknown"):
        assert getattr(read, fact) == getattr(report, fact)
    assert str(read) == str(report)
    assert cnnviz.show(read).html == cnnviz.show(report).html
    assert cnnviz.training_memory(read, 8) == cnnviz.training_memory(report, 8)


def test_a_trace_is_small_and_says_what_it_is(tmp_path):
    file = cnnviz.analyze("resnet-50").save(tmp_path / "net.json")
    assert file.stat().st_size < 200_000
    assert file.read_text().startswith('{"cnnviz_trace":1,')


def changed(**columns):
    """The trace of a small network with one op's columns changed."""
    data = json.loads(traces.as_json(cnnviz.analyze("lenet")))
    data["layers"][0] |= columns
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "JSON"),
        (b"{}", "input_shape"),
        (b"[" * 100_000, "JSON"),
        (b" " * (traces.MOST_BYTES + 1), "bytes"),
        (changed(macs=-1), "macs"),
        (changed(macs=1.5), "macs"),
        (changed(params=2**63), "params"),
        (changed(inputs=[3]), "reads what comes after it"),
        (changed(inputs=[]), "reads nothing"),
        (changed(inputs=[-1] * 301), "inputs"),
        (changed(input_shapes=[]), "reads nothing"),
        (changed(name="C1.activation"), "two ops of one name"),
        (changed(name="x" * 501), "name"),
        (changed(kind="conv<b>"), "cannot be shown"),
        (changed(attributes=[]), "cannot be shown"),
        (changed(attributes=[["kernel", {"a": 1}]]), "attributes"),
        (changed(field=[{"lows": [0, 1], "highs": [1], "step": 1}]), "receptive field"),
        (changed(field="x"), "field"),
        (changed(code="import os"), "code"),
    ],
)
def test_what_is_no_trace_is_refused_in_a_sentence(text, word):
    with pytest.raises(TraceError) as error:
        opened(text)
    assert word in str(error.value)
    assert len(str(error.value)) < 400


def test_too_many_ops_are_refused():
    net = nn.Sequential(*(nn.ReLU() for _ in range(traces.MOST_OPS + 1)))
    report = cnnviz.analyze(net, (1, 2))
    with pytest.raises(TraceError, match="layers"):
        traces.as_json(report)


def merging(count, width):
    """A trace in which each of the last ops reads several ops before it."""
    data = json.loads(traces.as_json(cnnviz.analyze(nn.ReLU(), (1, 2, 3, 3))))
    (first,) = data["layers"]
    rows = [{**first, "name": f"op{at}"} for at in range(width)]
    for row, source in zip(rows[1:], range(width - 1), strict=True):
        row["inputs"] = [source]
    merge = {"inputs": list(range(width)), "input_shapes": [[1, 2, 3, 3]] * width}
    data["layers"] = rows + [{**first, **merge, "name": f"merge{at}"} for at in range(count)]
    return json.dumps(data).encode()


def test_what_would_take_long_is_refused():
    assert len(opened(merging(4, 20)).layers) == 24
    with pytest.raises(TraceError, match="read several others"):
        opened(merging(traces.MOST_MERGES + 1, 2))
    with pytest.raises(TraceError, match="pairs of inputs"):
        opened(merging(traces.MOST_PAIRS // 200**2 + 1, 200))


def test_a_missing_file():
    with pytest.raises(FileNotFoundError):
        cnnviz.load_report("/nowhere/net.json")
