"""The trace of any module: what it records, what it counts, and that it leaves no trace itself."""

import pytest
import torch
import torch.nn.functional as F
import torchinfo
from test_zoo import smallest_image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnnviz
from cnnviz.analysis import analyze


class Workshop(nn.Module):
    """A bit of everything: shared weights, functional ops, a repeated module, an idle one."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, groups=8, bias=False)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.relu = nn.ReLU(inplace=True)
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.b.weight = self.a.weight
        self.normed = nn.utils.parametrizations.weight_norm(nn.Linear(4, 5))
        self.frozen = nn.Linear(5, 5).requires_grad_(False)
        self.idle = nn.Linear(2, 3)
        self.register_buffer("scale", torch.ones(1))

    def forward(self, x):
        x = self.relu(self.first(x))
        y = self.relu(self.depthwise(F.pad(x, (1, 1, 1, 1))))
        x = torch.cat([x, y + x], dim=1)
        left, right = x.chunk(2, dim=1)
        x = self.up(left * right).mean(dim=(2, 3))
        x = self.b(torch.sigmoid(self.a(x))) * self.scale
        return self.frozen(self.normed(x.T.T))


SHAPE = (2, 3, 8, 8)


@pytest.fixture
def workshop():
    torch.manual_seed(0)
    return Workshop()


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_counts_of_a_strange_module(workshop, device):
    report = analyze(workshop, SHAPE, device)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        output = workshop.eval()(torch.zeros(SHAPE))
    assert report.macs == counter.get_total_flops() // 2 // SHAPE[0]
    assert report.output_shape == tuple(output.shape)
    trainable = [p for p in workshop.parameters() if p.requires_grad]
    assert report.params == sum(p.numel() for p in trainable)
    assert report.buffers == 5 * 5 + 5 + 1
    assert sum(layer.params for layer in report.layers) == report.params
    assert sum(layer.macs for layer in report.layers) == report.macs


def test_rows_have_the_names_of_their_modules(workshop):
    layers = {layer.name: layer for layer in analyze(workshop, SHAPE).layers}
    assert layers["first"].kind == "convolution"
    assert layers["first"].input_shape == (2, 3, 8, 8)
    assert layers["first"].output_shape == (2, 8, 8, 8)
    assert layers["depthwise"].kind == "grouped convolution"
    assert {"relu", "relu:2", "pad", "cat", "add", "chunk", "mul", "mean", "sigmoid"} <= set(layers)
    assert layers["a"].params == 20
    assert layers["b"].params == 4, "the shared weight counts once"
    assert sum(row.params for name, row in layers.items() if name.startswith("normed")) == 30
    assert {name for name, row in layers.items() if row.kind == "unused"} == {
        "idle.weight",
        "idle.bias",
    }


def test_edges_follow_the_tensors(workshop):
    layers = analyze(workshop, SHAPE).layers
    position = {layer.name: index for index, layer in enumerate(layers)}
    assert layers[position["first"]].inputs == (-1,)
    assert layers[position["cat"]].inputs == (position["relu"], position["add"])
    assert layers[position["mul"]].inputs == (position["chunk"],)
    for index, layer in enumerate(layers):
        assert all(source < index for source in layer.inputs)


def test_the_module_comes_back_untouched(workshop):
    calls = []
    workshop.first.register_forward_hook(lambda *args: calls.append(1))
    workshop.train()
    workshop.relu.eval()
    before = {name: (id(t), t.clone()) for name, t in workshop.state_dict(keep_vars=True).items()}
    modes = [part.training for part in workshop.modules()]
    hooks = [(len(p._forward_hooks), len(p._forward_pre_hooks)) for p in workshop.modules()]
    for device in ("meta", "cpu"):
        analyze(workshop, SHAPE, device)
    assert [part.training for part in workshop.modules()] == modes
    assert [(len(p._forward_hooks), len(p._forward_pre_hooks)) for p in workshop.modules()] == hooks
    for name, tensor in workshop.state_dict(keep_vars=True).items():
        assert id(tensor) == before[name][0]
        assert tensor.device.type == "cpu"
        assert torch.equal(tensor, before[name][1])
    assert not any(hasattr(p, "_made_from") for p in workshop.parameters())


def test_a_module_that_fails_comes_back_untouched(workshop):
    workshop.train()
    with pytest.raises(RuntimeError):
        analyze(workshop, (1, 4, 8, 8))
    assert all(part.training for part in workshop.modules())
    assert not any(part._forward_hooks for part in workshop.modules())
    assert workshop(torch.zeros(SHAPE)).shape == (2, 5)


def test_what_works_in_place_and_what_does_not():
    class Signs(nn.Module):
        def forward(self, x):
            x = x + 1
            y = -x
            z = x + y
            torch.relu_(z)
            return torch.cat((z, x), axis=1)

    layers = analyze(Signs(), (1, 2, 3, 3)).layers
    names = [layer.name for layer in layers]
    assert names == ["add", "neg", "add:2", "relu", "cat"]
    assert [layer.inputs for layer in layers] == [(-1,), (0,), (0, 1), (2,), (3, 0)]
    assert layers[-1].output_shape == (1, 4, 3, 3)


def test_buffers_written_in_the_forward_pass_stay():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", torch.zeros(1))

        def forward(self, x):
            self.calls += 1
            return x * 2

    module = Counting()
    analyze(module, (1, 1, 2, 2), "cpu")
    assert module.calls.item() == 0


def test_unknown_ops_are_reported_and_not_zero():
    class Spectrum(nn.Module):
        def forward(self, x):
            return torch.fft.fft(x).real

    report = analyze(Spectrum(), (1, 1, 4, 4))
    assert report.unknown == ("fft_fft",)
    assert report.layers[0].kind == "unknown"
    assert report.layers[0].macs is None


def test_counts_do_not_depend_on_the_batch():
    spec = cnnviz.spec("densenet-d2l")
    one, many = analyze(spec), analyze(spec, (7, 1, 224, 224))
    assert (one.params, one.macs) == (many.params, many.macs)
    assert [x.macs for x in one.layers] == [x.macs for x in many.layers]
    assert many.layers[0].output_shape == (7, *one.layers[0].output_shape[1:])


def test_a_shortcut_takes_the_shapes_torch_takes(preset):
    """On the meta device some functions are not run; a real run must give the same rows."""
    spec = preset.spec.turn(image_size=max(64, smallest_image(preset.spec).image_size))
    assert analyze(spec, device="cpu").layers == analyze(spec).layers


def test_totals_agree_with_torchinfo(preset):
    with torch.device("meta"):
        module = preset.spec.build()
    summary = torchinfo.summary(
        module, input_size=preset.spec.input_shape, device="meta", verbose=0
    )
    assert summary.total_params == cnnviz.analyze(preset.spec).params


def test_bad_arguments_get_a_sentence():
    with pytest.raises(ValueError, match="input_shape"):
        analyze(nn.Linear(2, 2))
    with pytest.raises(TypeError, match="not str"):
        analyze("densenet-121")
    with pytest.raises(ValueError, match="not initialised"):
        analyze(nn.LazyLinear(2), (1, 2))


def test_a_wrong_linear_layer_fails_as_in_torch():
    with pytest.raises(RuntimeError, match="reduction dim"):
        analyze(nn.Linear(3, 4), (1, 2))


def test_a_wrong_concatenation_fails_as_in_torch():
    class Wrong(nn.Module):
        def forward(self, x):
            return torch.cat([x, x[:, :, 1:]], dim=1)

    with pytest.raises(RuntimeError, match="must"):
        analyze(Wrong(), (1, 2, 4, 4))


def test_report_as_plain_data():
    report = analyze(cnnviz.spec("lenet"))
    data = report.to_dict()
    assert (data["params"], data["macs"], data["flops"]) == (60_850, report.macs, report.flops)
    assert data["layers"][0]["name"] == "C1.conv"
    assert data["layers"][0]["output_shape"] == (1, 6, 28, 28)
