"""The families' facts: complete, in both languages, as published; and the two tabs that tell."""

import re

import pytest
from architecture_page_driver import open_page, open_tab, turn
from page_driver import plain, text_of

import cnnviz
from cnnviz.ledger.early_networks import early_networks
from cnnviz.ledger.stories import stories
from cnnviz.zoo import FAMILIES, PRESETS

CHINESE = re.compile("[\u3001-\u9fff]")

# parameters and MACs of torchvision's networks, counted on them
TORCHVISION = {
    "alexnet-torchvision": (61_100_840, 714_188_480),
    "vgg-a": (132_863_336, 7_609_090_048),
    "vgg-b": (133_047_848, 11_308_466_176),
    "vgg-d": (138_357_544, 15_470_264_320),
    "vgg-e": (143_667_240, 19_632_062_464),
    "googlenet-torchvision": (6_624_904, 1_498_376_192),
    "inception-v3": (23_834_568, 5_713_216_096),
    "resnet-18": (11_689_512, 1_814_073_344),
    "resnet-34": (21_797_672, 3_663_761_408),
    "resnet-50": (25_557_032, 4_089_184_256),
    "resnet-101": (44_549_160, 7_801_405_440),
    "resnet-152": (60_192_808, 11_513_626_624),
    "resnext-50-32x4d": (25_028_904, 4_230_479_872),
    "resnext-101-32x8d": (88_791_336, 16_414_015_488),
    "wide-resnet-50-2": (68_883_240, 11_398_021_120),
    "wide-resnet-101-2": (126_886_696, 22_753_050_624),
    "densenet-121": (7_978_856, 2_834_161_664),
    "densenet-169": (14_149_480, 3_359_843_328),
    "densenet-201": (20_013_928, 4_291_365_888),
    "densenet-161": (28_681_000, 7_727_907_072),
    "mobilenet-v2": (3_504_872, 300_774_272),
    "shufflenet-v2-x1": (2_278_604, 144_907_992),
    "shufflenet-v2-x0.5": (1_366_792, 40_476_448),
    "shufflenet-v2-x1.5": (3_503_624, 295_759_392),
    "shufflenet-v2-x2": (7_393_996, 583_253_464),
    "squeezenet-1-0": (1_248_424, 818_924_576),
    "squeezenet-1-1": (1_235_496, 349_151_936),
    "mobilenet-v3-large": (5_483_032, 216_589_760),
    "mobilenet-v3-small": (2_542_856, 56_510_400),
    "efficientnet-b0": (5_288_548, 385_814_752),
    "efficientnet-b1": (7_794_184, 686_802_832),
    "efficientnet-b2": (9_109_994, 1_087_529_456),
    "efficientnet-b3": (12_233_232, 1_827_141_392),
    "efficientnet-b4": (19_341_616, 4_393_771_024),
    "efficientnet-b5": (30_389_784, 10_266_384_752),
    "efficientnet-b6": (43_040_704, 19_067_593_536),
    "efficientnet-b7": (66_347_960, 37_745_884_192),
    "regnet-x-400mf": (5_495_976, 413_812_608),
    "regnet-x-800mf": (7_259_656, 799_699_712),
    "regnet-x-1.6gf": (9_190_136, 1_602_849_792),
    "regnet-x-3.2gf": (15_296_552, 3_176_621_952),
    "regnet-x-8gf": (39_572_648, 7_995_132_416),
    "regnet-x-16gf": (54_278_536, 15_940_755_456),
    "regnet-x-32gf": (107_811_560, 31_735_929_792),
    "regnet-y-400mf": (4_344_144, 401_842_848),
    "regnet-y-800mf": (6_432_512, 833_856_256),
    "regnet-y-1.6gf": (11_202_430, 1_612_076_160),
    "regnet-y-3.2gf": (19_436_338, 3_176_482_752),
    "regnet-y-8gf": (39_381_472, 8_473_070_592),
    "regnet-y-16gf": (83_590_140, 15_911_510_272),
    "regnet-y-32gf": (145_046_770, 32_279_552_832),
    "efficientnet-v2-s": (21_458_488, 8_365_617_152),
    "convnext-tiny": (28_589_128, 4_455_531_264),
    "convnext-small": (50_223_688, 8_683_712_256),
    "convnext-base": (88_591_464, 15_354_729_472),
    "convnext-large": (197_767_336, 34_361_433_600),
}

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
        "wide-resnet-50-2": (78.47, 94.09),
        "wide-resnet-101-2": (78.85, 94.28),
    },
    "densenet": {
        "densenet-121": (74.43, 91.97),
        "densenet-169": (75.60, 92.81),
        "densenet-201": (76.90, 93.37),
        "densenet-161": (77.14, 93.56),
    },
    "mobilenet-v2": {"mobilenet-v2": (71.88, 90.29)},
    "shufflenet-v2": {
        "shufflenet-v2-x1": (69.36, 88.32),
        "shufflenet-v2-x0.5": (60.55, 81.75),
        "shufflenet-v2-x1.5": (73.00, 91.09),
        "shufflenet-v2-x2": (76.23, 93.01),
    },
    "squeezenet": {
        "squeezenet-1-0": (58.09, 80.42),
        "squeezenet-1-1": (58.18, 80.62),
    },
    "mobilenet-v3": {
        "mobilenet-v3-large": (74.04, 91.34),
        "mobilenet-v3-small": (67.67, 87.40),
    },
    "efficientnet": {
        "efficientnet-b0": (77.69, 93.53),
        "efficientnet-b1": (78.64, 94.19),
        "efficientnet-b2": (80.61, 95.31),
        "efficientnet-b3": (82.01, 96.05),
        "efficientnet-b4": (83.38, 96.59),
        "efficientnet-b5": (83.44, 96.63),
        "efficientnet-b6": (84.01, 96.92),
        "efficientnet-b7": (84.12, 96.91),
    },
    "regnet": {
        "regnet-x-400mf": (72.83, 90.95),
        "regnet-x-800mf": (75.21, 92.35),
        "regnet-x-1.6gf": (77.04, 93.44),
        "regnet-x-3.2gf": (78.36, 93.99),
        "regnet-x-8gf": (79.34, 94.69),
        "regnet-x-16gf": (80.06, 94.94),
        "regnet-x-32gf": (80.62, 95.25),
        "regnet-y-400mf": (74.05, 91.72),
        "regnet-y-800mf": (76.42, 93.14),
        "regnet-y-1.6gf": (77.95, 93.97),
        "regnet-y-3.2gf": (78.95, 94.58),
        "regnet-y-8gf": (80.03, 95.05),
        "regnet-y-16gf": (80.42, 95.24),
        "regnet-y-32gf": (80.88, 95.34),
    },
    "efficientnet-v2": {"efficientnet-v2-s": (84.23, 96.88)},
    "convnext": {
        "convnext-tiny": (82.52, 96.15),
        "convnext-small": (83.62, 96.65),
        "convnext-base": (84.06, 96.87),
        "convnext-large": (84.41, 96.98),
    },
}


def test_every_family_has_a_story():
    assert set(FAMILIES) <= set(stories())


def test_the_line_is_in_the_order_of_years():
    years = [story.year for story in stories().values()]
    assert years == sorted(years)
    assert next(iter(stories())) == "lenet"
    assert [step.name.en for step in stories()["lenet"].milestones] == [
        *(f"Net-{number}" for number in range(1, 6)),
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
    weights = {
        name: {preset: (one.top1, one.top5) for preset, one in story.weights.items()}
        for name, story in stories().items()
        if story.weights
    }
    assert weights == WEIGHTS


@pytest.mark.parametrize(
    ("family", "preset"), [(family, preset) for family, of in WEIGHTS.items() for preset in of]
)
def test_an_accuracy_belongs_to_torchvisions_very_network(family, preset):
    """MACs tell strides, which no shape of a weight does: those of 50, 101, 152 are on the 3×3."""
    weights = stories()[family].weights[preset]
    spec = PRESETS[preset].spec.turn(**weights.turned)
    report = cnnviz.analyze(spec)
    assert (report.params, report.macs) == TORCHVISION[preset]
    assert stories()[family].weights_of(spec) is weights


def test_the_resnets_of_2015_have_no_weights_in_torchvision():
    for name in ("resnet-50", "resnet-101", "resnet-152"):
        preset = PRESETS[name].spec
        assert stories()["resnet"].weights_of(preset) is None
        assert stories()["resnet"].weights[name].turned == {"stride_on": "3x3"}
    app = open_tab(open_page(preset="resnet-50"), "family")
    assert "[stride of a bottleneck on = the 3×3](?preset=resnet-50&stride_on=3x3)" in plain(
        text_of(app)
    )


def test_facts_have_a_source_in_both_languages():
    for story in stories().values():
        assert CHINESE.search(story.affiliation.zh)
        for fact in story.history:
            assert re.fullmatch(r"–?\d{4}|\d{4}–\d{4}", fact.years)
            assert fact.text.en
            assert not CHINESE.search(fact.text.en + fact.source.en)
            assert CHINESE.search(fact.text.zh)
            assert fact.source.en
    assert len(stories()["lenet"].references) == 5


@pytest.mark.parametrize(
    ("name", "connections", "params"),
    [  # as the papers of 1989, 1990 and 1998 print them
        ("Net-1", 2_570, 2_570),
        ("Net-2", 3_214, 3_214),
        ("Net-3", 1_226, 1_226),
        ("Net-4", 2_266, 1_132),
        ("Net-5", 5_194, 1_060),
        ("ZIP codes", 64_660, 9_760),
        ("LeNet-1", 98_442, 2_578),
        ("LeNet-5", 340_918, 60_850),
    ],
)
def test_the_networks_before_lenet_5_count_as_printed(name, connections, params):
    (found,) = [network for network in early_networks() if network.name.en == name]
    assert (found.connections, found.params) == (connections, params)


def test_history_stands_in_the_family_tab():
    text = plain(text_of(open_tab(open_page(preset="lenet-5"), "family")))
    assert "AT&T Labs" in text
    assert "| Net-5 | 1989 |" in text
    assert "| 5,194 | 1,060 |" in text
    assert "Neural Computation 1(4): 541–551, 1989" in text
    assert "7,291 digits" in text
    text = plain(text_of(open_tab(open_page(preset="alexnet-2012", lang="zh"), "family")))
    assert "多伦多大学" in text
    assert "每年一届的 ILSVRC 挑战赛" in text
    assert "Net-5 | 1989" not in text


def test_presets_that_are_named_belong_to_their_family():
    for name, story in stories().items():
        steps = [milestone.preset for milestone in story.milestones if milestone.preset]
        for preset in [*story.weights, *steps]:
            assert preset not in PRESETS or PRESETS[preset].spec.family == name


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
        ({"preset": "wide-resnet-28-10"}, "The name says 28, all convolutions: it counts the 3 in"),
        ({"preset": "wide-resnet-16-8"}, "The name says 16"),
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
