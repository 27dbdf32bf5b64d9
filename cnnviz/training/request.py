"""The request of a training job: a network, a recipe, data and a device."""

import json
from dataclasses import dataclass
from typing import Any, Self

from cnnviz.families import Spec
from cnnviz.settings import VERSION
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.recipe import Recipe
from cnnviz.zoo import FAMILIES

MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One training job as it was asked for.

    Args:
        preset: the one that the network was started from, for its name.
        data: name of a data set.
        device: "cpu", "cuda:0", "mps", …
        probe: what is measured beside the training, a name in `cnnviz.training.probes`; "" for
            nothing.
    """

    preset: str
    spec: Spec
    recipe: Recipe
    data: str
    device: str
    probe: str = ""

    def to_json(self) -> str:
        return json.dumps(
            {
                "version": VERSION,
                "preset": self.preset,
                "family": self.spec.family,
                "knobs": self.spec.values,
                "recipe": self.recipe.values,
                "data": self.data,
                "device": self.device,
                **({"probe": self.probe} if self.probe else {}),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the text of `to_json`, of this version or an earlier one; the text may be hostile.

        Raises:
            TrainingError: it is too long, no JSON, not of this form, or of a later version.
            SpecError: a knob of the network or the recipe is out of range.
        """
        if len(text) > MOST_BYTES:
            raise _unreadable(f"{len(text):,} > {MOST_BYTES:,} bytes")
        try:
            fields: dict[str, Any] = json.loads(text)
            family = FAMILIES[fields["family"]].spec
            names = {name: str(fields[name]) for name in ("preset", "data", "device")}
            knobs, settings = dict(fields["knobs"]), dict(fields["recipe"])
            names["probe"] = str(fields.get("probe", ""))
            version = int(fields.get("version", 1))  # version 1 did not write its number
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise _unreadable(f"{type(error).__name__}: {error}"[:200]) from None
        if version > VERSION:
            raise _unreadable(f"version {version}; this cnnviz knows {VERSION}")
        spec = family.from_written(knobs, version)
        recipe = Recipe.from_written(settings, version)
        return cls(spec=spec, recipe=recipe, **names)


def _unreadable(why: str) -> TrainingError:
    message = Text(
        "This is no training job that can be read ({why}).", "无法读取此训练任务（{why}）。"
    )
    return TrainingError(message.format(why=why), code="request")
