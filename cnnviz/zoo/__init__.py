"""The registry of families: a new family is one file here and its name in `FAMILIES`."""

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, SpecError
from cnnviz.text import Text, nearest
from cnnviz.zoo import (
    alexnet,
    densenet,
    googlenet,
    inception_bn,
    inception_resnet,
    inception_v3,
    inception_v4,
    lenet,
    mobilenet,
    mobilenet_v2,
    nin,
    resnet_presets,
    shufflenet,
    shufflenet_v2,
    vgg,
    xception,
)

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
        xception,
        mobilenet,
        mobilenet_v2,
        shufflenet,
        shufflenet_v2,
    )
}
PRESETS: dict[str, Preset] = {
    preset.name: preset for family in FAMILIES.values() for preset in family.presets
}


def presets() -> list[str]:
    """The names of all presets, family by family."""
    return list(PRESETS)


def spec(name: str, **knobs: object) -> Spec:
    """A checked setting: a preset, or a family (its default preset), with knobs turned.

    Raises:
        SpecError: an unknown name or knob, a value out of range, or knobs that do not go together;
            it lists every problem.
    """
    family = FAMILIES.get(name)
    preset = family.presets[0] if family else PRESETS.get(name)
    if preset is None:
        message = Text(
            "{name!r} is no family or preset; the nearest are {close}.",
            "没有名为 {name!r} 的系列或预设；最接近的有 {close}。",
        )
        close = nearest(name, [*FAMILIES, *PRESETS])
        raise SpecError([Problem.of("name", message, name=name, close=close)])
    return preset.spec.turn(**knobs)
