"""The knobs of the lab on squeeze and excitation."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.pictures import source_knob, which_knob
from cnnviz.labs.written import Matrix, matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

GATE = Text("Squeeze, excite, scale", "压缩、激励、加权")
COST = Text("What it costs", "开销")
CHANNELS = 4


@dataclass(frozen=True, kw_only=True)
class ChannelAttentionSettings(Settings):
    """Four maps of a picture, weighed by a gate."""

    family = "attention-to-channels"

    source: str = source_knob(GATE)
    which: int = which_knob(GATE, 5)
    first: str = written(
        "1,1,0,0_0,0,1,-1",
        Text("weights W₁", "权重 W₁"),
        Text(
            "A row for each unit in the middle, a weight for each of the four channels.",
            "每行对应中间的一个单元，四个通道各一个权重。",
        ),
        form=Matrix((1, 4), (4, 4), (-99, 99)),
        group=GATE,
        term="squeeze_excite",
    )
    second: str = written(
        "-8,0_8,0_0,4_0,-4",
        Text("weights W₂", "权重 W₂"),
        Text(
            "A row for each of the four channels, a weight for each unit in the middle.",
            "四个通道各一行，中间每个单元各一个权重。",
        ),
        form=Matrix((4, 4), (1, 4), (-99, 99)),
        group=GATE,
        term="squeeze_excite",
    )
    step: int = step_knob(GATE)

    channels: int = knob(
        256,
        Text("channels", "通道数"),
        Text("Of the maps that are weighed.", "被加权的特征图的通道数。"),
        group=COST,
        term="channels",
        symbol="C",
        bounds=(1, 4096),
    )
    reduction: int = knob(
        16,
        Text("reduction", "缩减比"),
        Text("Between the two layers are C / r units.", "两层之间有 C / r 个单元。"),
        group=COST,
        term="squeeze_excite",
        symbol="r",
        bounds=(1, 64),
    )

    def conflicts(self) -> list[Problem]:
        problems = []
        middle, taken = len(matrix(self.first)), matrix(self.second).shape[1]
        if middle != taken:
            message = Text(
                "{knob} takes {taken} units, {first} gives {middle}. Give each row {middle} "
                "weights.",
                "{knob}对应 {taken} 个单元，而{first}给出 {middle} 个。请让每行有 {middle} "
                "个权重。",
            )
            problems.append(self.problem("second", message, taken=taken, middle=middle))
        if self.reduction > self.channels:
            message = Text(
                "{knob} is {r}; of {c} channels none would be left. Take at most {c}.",
                "{knob}为 {r}；{c} 个通道将一个不剩。请取不超过 {c}。",
            )
            problems.append(self.problem("reduction", message, r=self.reduction, c=self.channels))
        return problems
