"""What networks are called elsewhere, and in any case: ResNet-50, resnet50, VGG, vgg16, VGG-16."""

import re
from collections.abc import Mapping

from cnnviz.families import Family

# names of torchvision, timm and papers that differ from ours in more than case and punctuation
_ELSEWHERE = {
    "BN-Inception": "inception-bn",
    "Network in Network": "nin",
    "ResNeXt": "resnext-50-32x4d",
    "ResNeXt-50": "resnext-50-32x4d",
    "ResNeXt-101": "resnext-101-32x8d",
    "ResNetV2-50": "preact-resnet-50",
    "SE-ResNet": "se-resnet-50",
    "SE-ResNeXt": "se-resnext-50-32x4d",
    "SE-ResNeXt-50": "se-resnext-50-32x4d",
    "ShuffleNetV2-x1.0": "shufflenet-v2-x1",
    "ShuffleNetV2-x2.0": "shufflenet-v2-x2",
    "Wide ResNet": "wide-resnet-50-2",
}


def plain(name: str) -> str:
    """A name without case and punctuation: ResNet-50 -> resnet50.

    Between digits something stays, since RegNetX-1.6GF is not RegNetX-16GF.
    """
    apart = re.sub(r"(?<=\d)[\W_]+(?=\d)", ".", name)
    return re.sub(r"[^\w.]|_|(?<!\d)\.|\.(?!\d)", "", apart).lower()


def names(families: Mapping[str, Family]) -> dict[str, str]:
    """The name of a family or preset by what it may be called, without case and punctuation.

    Where two have a name in common the preset comes first, then what is earlier in the registry.
    """
    presets = [preset for family in families.values() for preset in family.presets]
    known = {plain(preset.name): preset.name for preset in presets}
    for called, name in (
        *((family.name, family.name) for family in families.values()),
        *((family.title, family.name) for family in families.values()),
        *((preset.known_as, preset.name) for preset in presets if preset.known_as),
        *_ELSEWHERE.items(),
    ):
        known.setdefault(plain(called), name)
    return known
