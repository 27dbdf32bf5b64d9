"""What a network that is taken away is called."""

import re
from collections.abc import Mapping

from cnnviz.families import Preset, Spec
from cnnviz.knobs import Value, format_value
from cnnviz.zoo import FAMILIES

_LONGEST = 80  # characters of a file's name, without its ending


def start_of(spec: Spec) -> Preset:
    """The preset of the family that the fewest knobs lead from."""
    presets = FAMILIES[spec.family].presets
    return min(presets, key=lambda preset: len(spec.differences(preset.spec)))


def title(spec: Spec, start: Preset) -> str:
    """The preset and what is turned, as it is said: "densenet-121, growth_rate=12"."""
    return ", ".join([start.name, *map("=".join, _turned(spec.differences(start.spec)))])


def file_name(spec: Spec, start: Preset) -> str:
    """The same as the name of a file, without an ending: "densenet-121_growth_rate-12"."""
    turned = ["-".join(pair) for pair in _turned(spec.differences(start.spec))]
    name = "_".join([start.name, *turned])
    if len(name) > _LONGEST:
        name = f"{start.name}_{len(turned)}-knobs-turned"
    return re.sub(r"[^\w.-]", "-", name)


def command(spec: Spec, start: Preset) -> str:
    """What makes the network on the command line, after `python -m cnnviz export`."""
    turned = " ".join(map("=".join, _turned(spec.differences(start.spec))))
    return start.name + (f" --set {turned}" if turned else "")


def python(spec: Spec, start: Preset) -> str:
    """What makes the network in Python."""
    turned = spec.differences(start.spec).items()
    return f"cnnviz.spec({', '.join([_quoted(start.name), *map(_argument, turned)])})"


def _argument(item: tuple[str, Value]) -> str:
    name, value = item
    return f"{name}={_quoted(value) if isinstance(value, str) else repr(value)}"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _turned(knobs: Mapping[str, Value]) -> list[tuple[str, str]]:
    return [(name, format_value(value)) for name, value in knobs.items()]
