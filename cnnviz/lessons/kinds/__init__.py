"""The kinds of questions: each a function from what is asked, and a seed, to a question.

A new kind is a function in one of these files, or a new one, and its name here.
"""

import re
from dataclasses import replace
from functools import lru_cache
from random import Random

from cnnviz.lessons.kinds import breaking, layer, pair, whole
from cnnviz.lessons.kinds.kind import Asked, Kind
from cnnviz.lessons.question import Question
from cnnviz.text import Text

# Chinese sets names and figures off by a space, and not what is Chinese itself.
_NEEDLESS = re.compile("(?<=[）\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_LAYERS = frozenset(("layers", "knob", "values"))
_KNOB = frozenset(("knob", "values"))

KINDS: dict[str, Kind] = {
    "output-size": Kind(layer.output_size, takes=_LAYERS),
    "layer-params": Kind(layer.layer_params, takes=_LAYERS),
    "layer-macs": Kind(layer.layer_macs, takes=_LAYERS),
    "receptive-field": Kind(layer.receptive_field, takes=_LAYERS),
    "joined-channels": Kind(layer.joined_channels, takes=_LAYERS),
    "dense-channels": Kind(layer.dense_channels, takes=_LAYERS),
    "share": Kind(whole.share_of, needs=frozenset(("measure", "part")), takes=_KNOB),
    "depth": Kind(whole.depth, takes=_KNOB),
    "training-bytes": Kind(whole.training_bytes, takes=_KNOB),
    "difference": Kind(pair.difference, needs=_KNOB | {"measure"}),
    "ratio": Kind(pair.ratio, needs=frozenset(("measure",)), networks=2),
    "breaks-first": Kind(breaking.breaks_first, needs=frozenset(("values",)), knob="image_size"),
    "smallest-image": Kind(breaking.smallest_image),
}


@lru_cache(maxsize=500)
def question(asked: Asked, seed: int) -> Question:
    """The question that a seed draws; the same seed draws the same one everywhere.

    Raises:
        IndexError: the networks have nothing of what is asked for.
    """
    made = KINDS[asked.kind].make(asked, Random(f"{asked.kind} {seed}"))
    en, zh = made.prompt
    return replace(made, prompt=Text(en, _NEEDLESS.sub("", zh)))
