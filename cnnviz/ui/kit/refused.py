"""What widgets hold and a setting could not take over."""

from typing import TypeVar

from cnnviz.knobs import Knob, Problem, SpecError
from cnnviz.settings import Settings
from cnnviz.ui.kit.knob_widget import Held, value_of

Turned = TypeVar("Turned", bound=Settings)
Refused = dict[str, tuple[Held, Problem]]  # by knob: what its widget holds, and why it is refused


def take_over(settings: Turned, refused: Refused, knob: Knob, raw: Held) -> tuple[Turned, Refused]:
    """Turn the knob, and with it refused knobs that have become possible."""
    held = {name: before for name, (before, _) in refused.items()} | {knob.name: raw}
    values: dict[str, Held] = {}
    problems: dict[str, Problem] = {}
    for name, one in held.items():
        try:
            values[name] = value_of(settings.knob(name), one)
        except SpecError as error:
            problems[name] = error.problems[0]
    turned, apart = settings.settle(values)
    problems |= apart
    return turned, {name: (held[name], problem) for name, problem in problems.items()}
