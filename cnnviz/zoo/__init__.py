"""The registry of families: a new family is one file here and its name in `FAMILIES`."""

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, SpecError
from cnnviz.text import Text, nearest
from cnnviz.zoo import (
    alexnet,
    convnext_presets,
    densenet,
    efficientnet,
    efficientnet_v2,
    googlenet,
    inception_bn,
    inception_resnet,
    inception_v3,
    inception_v4,
    lenet,
    mobilenet,
    mobilenet_v2,
    mobilenet_v3,
    nin,
    regnet,
    resnet_presets,
    shufflenet,
    shufflenet_v2,
    squeezenet,
    vgg,
    xception,
)
from cnnviz.zoo.names import names, plain

FAMILIES: dict[str, Family] = {
    module.FAMILY.name: module.FAMILY
    for module in (
        lenet,
        alexnet,
        vgg,
        nin,
        googlenet,
        inception_bn,
        inception_v3,
        inception_v4,
        inception_resnet,
        resnet_presets,
        densenet,
        squeezenet,
        xception,
        mobilenet,
        mobilenet_v2,
        shufflenet,
        shufflenet_v2,
        mobilenet_v3,
        efficientnet,
        regnet,
        efficientnet_v2,
        convnext_presets,
    )
}
PRESETS: dict[str, Preset] = {
    preset.name: preset for family in FAMILIES.values() for preset in family.presets
}
_NAMES = names(FAMILIES)


def presets() -> list[str]:
    """The names of all presets, family by family."""
    return list(PRESETS)


def find(name: str) -> str:
    """The family or preset of a name in any case, or of another name: vgg16 -> vgg-d.

    Raises:
        SpecError: there is none.
    """
    known = name if name in FAMILIES or name in PRESETS else _NAMES.get(plain(str(name)))
    if known is None:
        message = Text(
            "{name!r} is no family or preset; the nearest are {close}.",
            "没有名为 {name!r} 的系列或预设；最接近的有 {close}。",
        )
        close = nearest(str(name).lower(), [*FAMILIES, *PRESETS])
        raise SpecError([Problem.of("name", message, name=name, close=close)])
    return known


def spec(name: str, **knobs: object) -> Spec:
    """A checked setting: a preset, or a family (its default preset), with knobs turned.

    >>> cnnviz.spec("densenet-121", growth_rate=12)

    Args:
        name: in any case and with or without punctuation: "resnet-50", "ResNet50"; common other
            names are known, too: "vgg16".
        knobs: `python -m cnnviz knobs NAME` lists those of a family.

    Raises:
        SpecError: an unknown name; or unknown knobs, values out of range and knobs that do not go
            together, each with a sentence.
    """
    known = find(name)
    preset = FAMILIES[known].presets[0] if known in FAMILIES else PRESETS[known]
    return preset.spec.turn(**knobs)
