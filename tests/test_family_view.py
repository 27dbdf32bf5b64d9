"""The families' facts: complete, in both languages, as published; and the two tabs that tell."""

import re

import pytest
from test_pages import open_page, open_tab, plain, text_of, turn

from cnnviz.ledger.stories import stories
from cnnviz.zoo import FAMILIES, PRESETS

CHINESE = re.compile("[\u3001-\u9fff]")

# ILSVRC: year, place, top-5 error in %
CONTESTS = {
    "alexnet": (2012, 1, 15.3),
    "vgg": (2014, 2, 7.32),
    "googlenet": (2014, 1, 6.67),
    "resnet": (2015, 1, 3.57),
}
# torchvision, IMAGENET1K_V1: top-1 and top-5 accuracy in %
WEIGHTS = {
    "alexnet": {"alexnet-torchvision": (56.52, 79.07)},
    "vgg": {
        "vgg-a": (69.02, 88.63),
        "vgg-b": (69.93, 89.25),
        "vgg-d": (71.59, 90.38),
        "vgg-e": (72.38, 90.88),
    },
    "googlenet": {"googlenet-torchvision": (69.78, 89.53)},
    "inception-v3": {"inception-v3": (77.29, 93.45)},
    "resnet": {
        "resnet-18": (69.76, 89.08),
        "resnet-34": (73.31, 91.42),
        "resnet-50": (76.13, 92.86),
        "resnet-101": (77.37, 93.55),
        "resnet-152": (78.31, 94.05),
        "resnext-50-32x4d": (77.62, 93.70),
        "resnext-101-32x8d": (79.31, 94.53),
    },
    "densenet": {
        "densenet-121": (74.43, 91.97),
        "densenet-169": (75.60, 92.81),
        "densenet-201": (76.90, 93.37),
        "densenet-161": (77.14, 93.56),
    },
    "mobilenet-v2": {"mobilenet-v2": (71.88, 90.29)},
    "shufflenet-v2": {"shufflenet-v2-x1": (69.36, 88.32)},
}


def test_every_family_has_a_story():
    assert set(FAMILIES) <= set(stories())


def test_the_line_is_in_the_order_of_years():
    years = [story.year for story in stories().values()]
    assert years == sorted(years)
    assert next(iter(stories())) == "lenet"
    assert [step.name.en for step in stories()["lenet"].milestones] == [
        "Net-5",
        "ZIP codes",
        "LeNet-1",
        "LeNet-4",
        "LeNet-5",
    ]
    assert stories()["resnet"].milestones[-1].name.en == "SENet"


@pytest.mark.parametrize("family", stories())
def test_a_story_is_whole_and_in_both_languages(family):
    story = stories()[family]
    assert 2 <= len(story.introduced) <= 4
    texts = [*story.introduced, story.takes, story.hands_on]
    texts += [milestone.text for milestone in story.milestones]
    optional = [story.accuracy_note, story.ilsvrc.remark if story.ilsvrc else ("", "")]
    texts += [text for text in optional if any(text)]
    for text in texts:
        assert text.en
        assert not CHINESE.search(text.en)
        assert CHINESE.search(text.zh)
    assert all(story.venue)
    assert not CHINESE.search(story.venue.en)
    numbers = [story.arxiv, *(milestone.arxiv for milestone in story.milestones)]
    assert all(re.fullmatch(r"\d{4}\.\d{4,5}", number) for number in numbers if number)
    assert story.arxiv or family in ("lenet", "alexnet")


def test_accuracies_are_those_published():
    contests = {
        name: (story.ilsvrc.year, story.ilsvrc.place, story.ilsvrc.top5_error)
        for name, story in stories().items()
        if story.ilsvrc
    }
    assert contests == CONTESTS
    weights = {name: story.weights for name, story in stories().items() if story.weights}
    assert weights == WEIGHTS


def test_presets_that_are_named_belong_to_their_family():
    for name, story in stories().items():
        steps = [milestone.preset for milestone in story.milestones if milestone.preset]
        for preset in [*story.weights, *steps]:
            assert preset not in PRESETS or PRESETS[preset].spec.family == name


@pytest.mark.parametrize("family", FAMILIES)
def test_the_family_tab(family):
    app = open_tab(open_page(preset=FAMILIES[family].presets[0].name), "family")
    text = plain(text_of(app))
    story = stories()[family]
    assert story.paper in text
    assert story.introduced[0].en in text
    assert f"[▶ {FAMILIES[family].title}]" in text
    for other in FAMILIES.values():
        link = f"[{other.title}](?preset={other.presets[0].name})"
        assert (link in text) == (other.name != family)
    assert ("None is listed" in text) == (family not in {*CONTESTS, *WEIGHTS})
    if family in CONTESTS:
        assert f"top-5 error **{CONTESTS[family][2]} %**" in text


def test_the_family_tab_in_chinese():
    app = open_tab(open_page(preset="googlenet", lang="zh"), "family")
    text = plain(text_of(app))
    assert "ILSVRC 2014 第 1 名：top-5 错误率 **6.67 %**。" in text
    assert stories()["googlenet"].takes.zh in text
    assert "[DenseNet](?preset=densenet-121&lang=zh)" in text


def test_the_depth_tab_follows_the_knobs():
    app = open_tab(open_page(), "depth")
    formula = "**121** = 1 + 2·(6+12+24+16) + 3 + 1"
    assert f"## {formula}" in plain(text_of(app))
    assert formula in plain(app.metric[4].help)
    assert "| block3 | Dense layer · conv 1×1 → conv 3×3 | 24 | 2 | 48 |" in plain(text_of(app))
    turn(app, "depths", "6-12")
    assert "## **39** = 1 + 2·(6+12) + 1 + 1" in plain(text_of(app))
    assert "**39** = 1 + 2·(6+12) + 1 + 1" in plain(app.metric[4].help)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"preset": "resnet-50"}, "**4** in shortcuts"),
        ({"preset": "googlenet"}, "**36** in branches"),
        ({"preset": "googlenet", "auxiliary_heads": "true"}, "**6** in heads"),
        ({"preset": "densenet-264"}, "The name says 264"),
        ({"preset": "lenet-5"}, "| output | RBF | 1 | 1 | 1 |"),
    ],
)
def test_the_depth_tab_says_what_does_not_count(query, words):
    assert words in plain(text_of(open_tab(open_page(**query), "depth")))


@pytest.mark.parametrize(
    "query", [{"preset": "densenet-121"}, {"preset": "densenet-264", "depths": "6-12-64-47"}]
)
def test_only_the_networks_own_name_is_explained(query):
    text = plain(text_of(open_tab(open_page(**query), "depth")))
    assert "The name says" not in text
    assert "Not counted" not in text
