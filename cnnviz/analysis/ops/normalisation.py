"""Normalisations."""

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.ops import shapes
from cnnviz.analysis.ops.record import NORMALISATION, UNKNOWN, Op
from cnnviz.analysis.receptive import reach, reads
from cnnviz.text import Text

OPS = (
    Op(
        name="batch_norm",
        kind=NORMALISATION,
        word=Text("batch norm", "批量规范化"),
        shape=shapes.normalised,
        saves=saves.batch_norm,
        reach=reach.same,
        says=Text(
            "Gives each of the {channels} channels mean 0 and variance 1 over the batch, then a "
            "scale and a shift that are learned.",
            "将 {channels} 个通道各自在批量上规范为均值 0、方差 1，再作可学习的缩放与平移。",
        ),
    ),
    Op(
        name="local_response_norm",
        kind=NORMALISATION,
        word=Text("local response norm", "局部响应规范化"),
        shape=shapes.like_input,
        saves=saves.local_response_norm,
        reach=reach.same,
        says=Text(
            "Divides each value by (k + α·Σx²)^β, the sum over the same pixel of five neighbouring "
            "channels: a strong response weakens those beside it.",
            "每个值除以 (k + α·Σx²)^β，求和范围是同一像素上相邻的五个通道："
            "强响应会抑制旁边的通道。",
        ),
    ),
    Op(
        name="group_norm",
        kind=NORMALISATION,
        word=Text("group norm", "组规范化"),
        saves=saves.group_norm,
        reach=reach.whole,
        says=Text(
            "Gives each group of channels of each image mean 0 and variance 1, whatever the batch; "
            "then a scale and a shift that are learned.",
            "将每幅图像的每组通道规范为均值 0、方差 1，与批量无关；再作可学习的缩放与平移。",
        ),
    ),
    Op(
        name="instance_norm",
        kind=NORMALISATION,
        word=Text("instance norm", "实例规范化"),
        saves=UNKNOWN,
        reach=reach.whole,
    ),
    Op(
        name="layer_norm",
        kind=NORMALISATION,
        word=Text("layer norm", "层规范化"),
        saves=saves.layer_norm,
        reach=reach.normalised,
        reads=reads.normalised,
        says=Text(
            "Gives the last axis, such as the channels of one token, mean 0 and variance 1, "
            "whatever the batch; then a scale and a shift that are learned.",
            "将最后一维（例如一个词元的各通道）规范为均值 0、方差 1，与批量无关；"
            "再作可学习的缩放与平移。",
        ),
    ),
    Op(
        name="rms_norm",
        kind=NORMALISATION,
        word=Text("RMS norm", "均方根规范化"),
        saves=UNKNOWN,
        reach=reach.normalised,
        reads=reads.normalised,
    ),
    Op(
        name="normalize",
        kind=NORMALISATION,
        word=Text("to unit length", "单位化"),
        saves=UNKNOWN,
        reach=reach.along,
        reads=reads.dims,
    ),
)
