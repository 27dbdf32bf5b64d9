"""Networks that torchvision and timm have, too: as many weights as are published."""

import pytest

import cnnviz
from cnnviz.exports.elsewhere import TWINS, twin

# What torchvision and timm publish of their weights.
PUBLISHED = {
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
    "alexnet": 61_100_840,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "wide_resnet50_2": 68_883_240,
    "wide_resnet101_2": 126_886_696,
    "resnext50_32x4d": 25_028_904,
    "resnext101_32x8d": 88_791_336,
    "seresnet50": 28_088_024,
    "seresnext50_32x4d": 27_559_896,
    "resnetv2_50": 25_549_352,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "inception_v4": 42_679_816,
    "inception_resnet_v2": 55_843_464,
    "legacy_xception": 22_855_952,
    "mobilenetv1_100": 4_231_976,
    "mobilenet_v2": 3_504_872,
    "convnext_tiny": 28_589_128,
    "convnext_small": 50_223_688,
    "convnext_base": 88_591_464,
    "convnext_large": 197_767_336,
    "regnet_x_400mf": 5_495_976,
    "regnet_x_800mf": 7_259_656,
    "regnet_x_1_6gf": 9_190_136,
    "regnet_x_3_2gf": 15_296_552,
    "regnet_x_8gf": 39_572_648,
    "regnet_x_16gf": 54_278_536,
    "regnet_x_32gf": 107_811_560,
    "regnet_y_400mf": 4_344_144,
    "regnet_y_800mf": 6_432_512,
    "regnet_y_1_6gf": 11_202_430,
    "regnet_y_3_2gf": 19_436_338,
    "regnet_y_8gf": 39_381_472,
    "regnet_y_16gf": 83_590_140,
    "regnet_y_32gf": 145_046_770,
    "shufflenet_v2_x0_5": 1_366_792,
    "shufflenet_v2_x1_0": 2_278_604,
    "shufflenet_v2_x1_5": 3_503_624,
    "shufflenet_v2_x2_0": 7_393_996,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
    "mobilenet_v3_large": 5_483_032,
    "mobilenet_v3_small": 2_542_856,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "efficientnet_v2_s": 21_458_488,
}


@pytest.mark.parametrize("found", TWINS, ids=lambda found: f"{found.name}-{found.preset}")
def test_twins_have_as_many_weights(found):
    spec = cnnviz.spec(found.preset, **found.turned)
    assert twin(spec) == found
    assert twin(spec.turn(num_classes=10)) == found
    # with both heads; without the second it has fewer, as in torchvision with aux_logits=False
    published = {"inception-v3": 23_834_568, "inception-v3-auxiliary": 27_161_264}
    expected = published.get(found.preset) or PUBLISHED[found.name]
    assert cnnviz.analyze(spec).params == expected


def test_a_turned_network_has_no_twin():
    assert twin(cnnviz.spec("densenet-121", growth_rate=12)) is None
    assert "num_classes=10" in twin(cnnviz.spec("vgg-d")).code(10)
