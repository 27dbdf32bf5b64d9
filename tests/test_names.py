"""What networks are called, and what is wrong with a setting."""

import pytest

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.zoo import FAMILIES, PRESETS, find
from cnnviz.zoo.names import plain


@pytest.mark.parametrize(
    ("called", "name"),
    [
        *(("VGG", "vgg"), ("vgg16", "vgg-d"), ("VGG-19", "vgg-e"), ("ResNet-50", "resnet-50")),
        *(("resnet50", "resnet-50"), ("DenseNet121", "densenet-121"), ("GoogLeNet", "googlenet")),
        *(("Inception v1", "googlenet"), ("inception_v3", "inception-v3"), ("LeNet5", "lenet-5")),
        *(("mobilenet_v2", "mobilenet-v2"), ("seresnet50", "se-resnet-50")),
        *(("resnext50_32x4d", "resnext-50-32x4d"), ("ResNeXt-50", "resnext-50-32x4d")),
        *(("shufflenet_v2_x1_0", "shufflenet-v2-x1"), ("efficientnet_b0", "efficientnet-b0")),
        *(("shufflenet_v2_x0_5", "shufflenet-v2-x0.5"), ("squeezenet1_1", "squeezenet-1-1")),
        *(("shufflenet_v2_x2_0", "shufflenet-v2-x2"), ("mobilenet_v3_large", "mobilenet-v3-large")),
        *(("regnet_x_1_6gf", "regnet-x-1.6gf"), ("RegNetX-16GF", "regnet-x-16gf")),
        *(("wide_resnet50_2", "wide-resnet-50-2"), ("WRN-28-10", "wide-resnet-28-10")),
    ],
)
def test_names_in_any_case_and_their_aliases(called, name):
    assert find(called) == name
    assert cnnviz.spec(called) == cnnviz.spec(name)


def test_every_name_stands_for_itself():
    for name in (*FAMILIES, *PRESETS):
        assert find(name) == name
        assert cnnviz.spec(name.upper()) == cnnviz.spec(name)
    assert len({plain(name) for name in PRESETS}) == len(PRESETS)


def test_every_problem_at_once():
    with pytest.raises(SpecError) as error:
        cnnviz.spec("densenet-121", growth_rate=-1, depths=(6,) * 99, bla=3, growthrate=2)
    assert {one.knob for one in error.value.problems} == {
        *("growth_rate", "depths", "bla", "growthrate"),
    }
