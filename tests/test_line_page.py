"""The line: every number in its sentences is the networks' own, and its links lead to them."""

import re
import string
from urllib.parse import parse_qsl, urlsplit

import pytest
from page_driver import open_page, plain
from torch import nn

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.ledger.stories import stories
from cnnviz.ledger.walk import walk
from cnnviz.render.contest_chart import contest_chart
from cnnviz.ui.kit.words import as_markdown
from cnnviz.ui.line.steps import specs, steps
from cnnviz.ui.line.view import _OTHERS, _PERSON, contest_entries
from cnnviz.ui.session.address import read_slot
from cnnviz.zoo.inverted_residual import InvertedResidual

STEPS = {step.values.__name__: step for step in steps()}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


def values(name):
    step = STEPS[name]
    return step.values(*(cnnviz.analyze(spec) for spec in step.specs))


def told_by(step):
    return step.told({spec: cnnviz.analyze(spec) for spec in step.specs})


def modules(spec, kind):
    return [module for module in build_on_meta(spec).modules() if isinstance(module, kind)]


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@every_step
def test_a_sentence_has_all_its_values_in_both_languages(step):
    found = values(step.values.__name__)
    for text in (step.difference, step.reason):
        assert placeholders(text.en) == placeholders(text.zh)
    assert placeholders(step.difference.en + step.reason.en) == set(found)
    for language, told in (("en", 0), ("zh", 1)):
        assert all(text[told] and "{" not in text[told] for text in told_by(step)), language


@every_step
def test_no_figure_is_written_out(step):
    for text in (step.difference, step.reason):
        for said in text:
            assert not re.search(r"\d", re.sub(r"\{\w+\}|top-[15]", "", said)), said


@every_step
def test_both_languages_are_written(step):
    for text in (step.difference, step.reason):
        assert re.search("[\u4e00-\u9fff]", text.zh)
        assert not re.search("[\u3000-\u9fff]", text.en)


def test_the_line_is_that_of_the_course():
    names = ["LeNet", "AlexNet", "VGG", "NiN", "GoogLeNet", "batch norm", "ResNet", "ResNeXt"]
    names += ["DenseNet", "SENet", "MobileNet", "ShuffleNet", "MobileNetV3", "EfficientNet"]
    assert [steps()[0].before.en, *(step.after.en for step in steps())] == names
    years = [2012, 2014, 2013, 2014, 2015, 2015, 2016, 2016, 2017, 2017, 2017, 2019, 2019]
    assert [step.year() for step in steps()] == years


def test_two_small_windows_see_what_a_large_one_sees():
    """25·C² weights against 2·9·C², biases aside, and the fields that autograd would find."""
    large, small = (cnnviz.analyze(spec) for spec in STEPS["vgg"].specs[2:])
    fields = [
        [layer.receptive_field for layer in report.layers if layer.kind == "convolution"]
        for report in (large, small)
    ]
    assert fields == [[5], [3, 5]]
    assert values("vgg")["field"] == "5"
    assert values("vgg")["fewer"] == f"{100 * (1 - 2 * 9 / 25):.0f} %"
    assert (values("vgg")["largest"], values("vgg")["small"]) == ("11×11", ("3×3", "3×3"))


def test_numbers_of_the_convolutional_years():
    """Counted on the modules, not on their traces."""
    before, after = STEPS["nin"].specs[:2]
    linear = sum(p.numel() for layer in modules(before, nn.Linear) for p in layer.parameters())
    every = sum(p.numel() for p in build_on_meta(before).parameters())
    assert values("nin")["share"] == f"{100 * linear / every:#.3g} %"
    assert not modules(after, nn.Linear)
    assert values("alexnet")["convolutions_before"] == "2"  # C1 and C3
    assert values("alexnet")["convolutions_after"] == str(
        len(modules(STEPS["alexnet"].specs[1], nn.Conv2d))
    )
    assert values("googlenet")["windows"].en == "1×1, 3×3, 5×5"
    norms = modules(STEPS["batch_norm"].specs[1], nn.BatchNorm2d)
    assert values("batch_norm")["norms"] == str(len(norms))
    scales = sum(2 * norm.num_features for norm in norms)
    assert values("batch_norm")["share"] == f"{100 * scales / 11_285_224:#.3g} %"


def test_numbers_of_the_residual_years():
    resnet = build_on_meta(STEPS["resnet"].specs[1])
    blocks = [block for block in resnet.modules() if hasattr(block, "shortcut")]
    free = [block for block in blocks if not list(block.shortcut.parameters())]
    assert values("resnet")["blocks"] == str(len(blocks)) == "16"
    assert values("resnet")["free"] == str(len(free)) == "12"
    assert values("resnet")["deepest"] == "152"
    resnext = values("resnext")
    assert (resnext["groups"], resnext["group_width"]) == ("32", "4")
    assert (resnext["width_before"], resnext["width_after"]) == ("64", "128")
    assert (resnext["macs_before"], resnext["macs_after"]) == ("4.09 G", "4.23 G")
    assert values("densenet")["growth"] == str(STEPS["densenet"].specs[1].growth_rate)
    assert values("senet")["params"] == f"{100 * (28_088_024 / 25_557_032 - 1):#.3g} %"


def test_numbers_of_the_mobile_years():
    """arXiv 1704.04861, table 4: 4,866 M with full convolutions and 569 M without."""
    full, separable = (cnnviz.analyze(spec) for spec in STEPS["mobilenet"].specs)
    assert (full.macs // 10**6, round(separable.macs / 10**6)) == (4867, 569)
    points = [
        layer
        for layer in modules(STEPS["shufflenet"].specs[0], nn.Conv2d)
        if layer.kernel_size == (1, 1)
    ]
    names = {
        name
        for name, x in build_on_meta(STEPS["shufflenet"].specs[0]).named_modules()
        if isinstance(x, nn.Conv2d) and x.kernel_size == (1, 1)
    }
    macs = sum(layer.macs for layer in separable.layers if layer.name in names)
    assert len(points) == len(names) == 13
    assert values("shufflenet")["share"] == f"{100 * macs / separable.macs:#.3g} %"
    assert values("shufflenet")["groups"] == str(STEPS["shufflenet"].specs[1].groups)


def test_numbers_of_the_scaled_years():
    """Counted on the modules: B7 is B0 with d = 3.1, w = 2 and 600 px."""
    network = STEPS["mobilenet_v3"].specs[1]
    found = values("mobilenet_v3")
    assert found["gates"] == str(len(modules(network, nn.Hardsigmoid))) == "8"
    assert found["blocks"] == str(len(modules(network, InvertedResidual))) == "15"
    assert found["windows"].en == "5×5"
    assert (found["error_before"], found["error_after"]) == ("28.1 %", "26.0 %")
    found = values("efficientnet")
    small, large = STEPS["efficientnet"].specs[1:]
    assert found["gates"] == str(len(modules(small, nn.Sigmoid))) == "16"
    assert found["blocks_before"] == str(len(modules(small, InvertedResidual))) == "16"
    assert found["blocks_after"] == str(len(modules(large, InvertedResidual))) == "55"
    assert found["windows"].en == "3×3, 5×5"
    assert (found["width"], found["image_after"]) == ("2", "600")
    assert (found["error_before"], found["error_after"]) == ("22.3 %", "15.9 %")


@every_step
def test_a_link_holds_both_networks(step):
    link = urlsplit(step.link({"lang": "zh"}))
    query = dict(parse_qsl(link.query))
    assert (link.path, query["lang"]) == ("compare", "zh")
    for name, network in zip(("n1", "n2"), step.networks, strict=False):
        preset, spec, problems = read_slot(name, query, "lenet-5")
        assert (preset.name, spec, problems) == (network.preset, network.spec, [])


@pytest.mark.parametrize("name", ["googlenet", "mobilenet"])
def test_a_link_opens_the_comparison(name):
    step = STEPS[name]
    app = open_page("compare", **dict(parse_qsl(urlsplit(step.link({})).query)))
    said = plain("\n".join(text.value for text in app.markdown))
    assert all(
        f"{number} · {network.preset}" in said
        for number, network in enumerate(step.networks[:2], start=1)
    )
    assert not app.warning


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_page_tells_every_step_with_its_link(locale):
    app = open_page("line", locale)
    said = "\n".join(text.value for text in app.markdown)
    for step in steps():
        for text in (step.before, step.after, *told_by(step)):
            assert as_markdown(text.en if locale == "en-US" else text.zh) in said
        assert f"({step.link({})})" in said
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_page_tells_the_walk_to_convnext(locale):
    app = open_page("line", locale)
    text = plain("\n".join(part.value for part in app.markdown))
    for step in walk():
        name = step.name.en if locale == "en-US" else step.name.zh
        row = next(
            line for line in text.splitlines() if re.match(rf"\| \[?{re.escape(name)}", line)
        )
        assert step.accuracy in row
        assert ("compare?n1=convnext-tiny" in row) == bool(step.knob)


def test_every_network_is_prepared_once():
    assert len(specs()) == len(set(specs()))
    assert {spec for step in steps() for spec in step.specs} == set(specs())


def test_the_errors_of_the_contest_have_sources():
    remarks = " ".join(story.ilsvrc.remark.en for story in stories().values() if story.ilsvrc)
    for error in (*(entry.error for entry in _OTHERS), _PERSON[1]):
        assert f"{error} %" in remarks
    entries = contest_entries()
    known = {
        (story.ilsvrc.year, story.title, story.ilsvrc.top5_error)
        for story in stories().values()
        if story.ilsvrc
    }
    assert {(x.year, x.name.en, x.error) for x in entries if x.of_the_line} == known
    assert [entry.year for entry in entries] == sorted(entry.year for entry in entries)


def test_a_bar_is_hollow_for_a_network_of_no_step():
    entries = contest_entries()
    (bars,) = contest_chart(entries, _PERSON, "zh", ink="#000").data
    hollow = [colour.endswith(", 0)") for colour in bars.marker.color]
    assert hollow == [not entry.of_the_line for entry in entries]
    assert 0 < sum(hollow) < len(entries)
    assert list(bars.x) == [entry.error for entry in entries]
    assert all(str(entry.year) in label for entry, label in zip(entries, bars.y, strict=True))
