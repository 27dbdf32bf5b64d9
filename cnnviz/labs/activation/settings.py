"""The knobs of the lab on activations."""

from dataclasses import dataclass

from cnnviz.knobs import knob
from cnnviz.labs.lab import step_knob
from cnnviz.settings import Settings
from cnnviz.text import Text

CURVES = Text("Three functions and their slopes", "三种函数及其导数")
DEPTH = Text("The product of slopes through depth", "导数逐层相乘")


@dataclass(frozen=True, kw_only=True)
class ActivationSettings(Settings):
    """Sigmoid, tanh and ReLU at one place, and their slopes multiplied."""

    family = "activation"

    x: float = knob(
        2.0,
        Text("input", "输入"),
        Text("Where the three are looked at.", "在何处观察三种函数。"),
        group=CURVES,
        term="activation",
        symbol="x",
        bounds=(-8.0, 8.0),
        step=0.5,
        slider=True,
    )

    layers: int = knob(
        8,
        Text("layers", "层数"),
        Text("Activations that the gradient passes.", "梯度要穿过的激活函数个数。"),
        group=DEPTH,
        term="depth",
        symbol="n",
        bounds=(1, 50),
        slider=True,
    )
    weight: float = knob(
        1.0,
        Text("weight", "权重"),
        Text("Of each layer, between two activations.", "每层在两个激活函数之间的权重。"),
        group=DEPTH,
        term="gradient",
        symbol="w",
        bounds=(-5, 5),
        step=0.5,
    )
    start: float = knob(
        0.5,
        Text("input", "输入"),
        Text("Of the first layer.", "第一层的输入。"),
        group=DEPTH,
        term="activation",
        symbol="x₀",
        bounds=(-8, 8),
        step=0.5,
    )
    step: int = step_knob(DEPTH)
