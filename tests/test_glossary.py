"""The glossary: a picture and a way into the product for each term, and numbers that are right."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import ROOT
from torch import nn

import cnnviz
from cnnviz.labs import LABS
from cnnviz.render import terms
from cnnviz.render.terms.convolution import correlate
from cnnviz.render.terms.learning import normalised, softmax_of
from cnnviz.ui.glossary.terms import THEMES, found, glossary, of_lab
from cnnviz.ui.kit.address_link import parts
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session.address import read, read_slot
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.look_address import KEYS, read_look
from cnnviz.zoo import FAMILIES, PRESETS

every_term = pytest.mark.parametrize("name", glossary())
ADDRESSES = sorted({address for term in glossary().values() for address in term.see})


def texts(name, language="en"):
    svg = terms.picture(name, "shown", language, "#31333F")
    return [
        one.text for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_every_term_has_a_picture_and_every_picture_a_term():
    assert terms.names() == glossary().keys()
    assert {term.theme for term in glossary().values()} == set(THEMES)


@every_term
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_picture_is_small_legible_and_told_in_words(name, language):
    svg = terms.picture(name, "a < b", language, "#FAFAFA")
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == "a < b"
    assert root.get("color") == "#FAFAFA"
    assert float(root.get("font-size")) >= 14
    assert float(root.get("width")) <= 300
    assert float(root.get("height")) <= 160
    assert len(glossary()[name].shows(language)) <= 130


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_link_leads_to_something_that_is_there(address):
    page, query = parts(address)
    assert not page or (ROOT / "pages" / f"{page}.py").exists()
    if page == "compare":
        for slot in query:
            _, _, problems = read_slot(slot, query, "")
            assert query[slot] in PRESETS
            assert problems == []
        return
    if page == "labs":
        assert query.keys() == {"lab"}
        assert query["lab"] in LABS
    if "preset" in query:
        _, spec, problems = read(query, "", () if page else KEYS)
        assert query["preset"] in PRESETS
        assert problems == []
        _, problems = read_look(query, cnnviz.analyze(spec), Look())
        assert problems == []
    if "tab" in query:
        assert f"view.{query['tab']}" in catalogue()


@every_term
def test_a_term_says_where_it_is_seen(name):
    assert glossary()[name].see


def test_the_courses_terms_are_there():
    missed = """softmax, loss, top-5, degradation, vanishing gradient, covariate shift, translation
    invariance, inductive bias, overfitting, stride, padding, feature map, dense block, global
    average pooling, auxiliary classifier, layer norm, convolution, MNIST, ImageNet, ILSVRC"""
    names = [term.name.en for term in glossary().values()]
    for wanted in re.split(r",\s+", " ".join(missed.split())):
        word = re.compile(re.escape(wanted).replace("\\ gradient", r".*gradient"))
        assert any(word.search(name) for name in names), wanted


def test_every_term_that_a_knob_names_is_there():
    for family in FAMILIES.values():
        assert {knob.term for knob in family.spec.knobs()} <= glossary().keys()


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_a_labs_knobs_have_terms_and_its_terms_lead_to_it(lab):
    assert {knob.term for knob in lab.settings.knobs()} <= glossary().keys()
    assert of_lab(lab.name)


def test_found_are_names_first_and_all_words():
    assert next(iter(found("norm", None))) == "batch_norm"
    assert next(iter(found("STRIDE", None))) == "stride"
    assert {"batch_norm", "layer_scale"} <= found("γ", None).keys()
    assert "stride" in found("步幅", None)
    assert found("norm stride xyz", None) == {}
    assert {term.theme for term in found("", "counting").values()} == {"counting"}


def test_the_arithmetic_of_the_pictures_is_torchs():
    image, kernel = torch.arange(9.0).view(1, 1, 3, 3), torch.arange(4.0).view(1, 1, 2, 2)
    ours = correlate(image[0, 0].numpy(), kernel[0, 0].numpy())
    np.testing.assert_allclose(ours, F.conv2d(image, kernel)[0, 0])
    assert {"19", "25", "37", "43"} <= set(texts("convolution"))
    scores = np.array([2.0, 1.0, 0.1])
    np.testing.assert_allclose(softmax_of(scores), torch.tensor(scores).softmax(0))
    assert [text for text in texts("softmax") if text.endswith("%")] == ["66 %", "24 %", "10 %"]
    batch = torch.tensor([[1.0], [2.0], [3.0], [6.0]])
    expected = F.batch_norm(batch, None, None, training=True)
    np.testing.assert_allclose(normalised(batch.numpy()), expected, atol=1e-4)
    assert {"−1.1", "−0.5", "0", "1.6"} <= set(texts("batch_norm"))


def test_the_pooling_picture_is_the_courses_example():
    image = torch.arange(9.0).view(1, 1, 3, 3)
    for pool in (nn.MaxPool2d(2, stride=1), nn.AvgPool2d(2, stride=1)):
        values = [f"{value:.0f}" for value in pool(image).flatten()]
        assert all(texts("pooling").count(value) >= 2 for value in values)


def test_the_shuffle_picture_is_torchs():
    channels = torch.arange(6.0).view(1, 6, 1, 1)
    shuffled = nn.ChannelShuffle(2)(channels).flatten()
    assert texts("shuffle")[1::2] == [f"{value:.0f}" for value in shuffled]


def test_the_vanishing_picture_is_the_sigmoids_slope():
    x = torch.zeros(1, requires_grad=True)
    torch.sigmoid(x).backward()
    assert texts("vanishing_gradient") == [f"{x.grad.item() ** n:.2g}" for n in (3, 2, 1, 0)]


def test_the_tasks_maps_are_those_of_resnet_50():
    report = cnnviz.analyze(PRESETS["resnet-50"].spec)
    ends = {layer.name.split(".")[0]: layer.output_shape[-1] for layer in report.layers}
    sides = [ends[f"stage{number}"] for number in (1, 2, 3, 4)]
    assert "{}, {}, {} and {} pixels a side".format(*sides) in glossary()["tasks"].definition.en
