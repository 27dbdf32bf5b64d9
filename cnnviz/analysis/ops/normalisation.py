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
    ),
    Op(
        name="local_response_norm",
        kind=NORMALISATION,
        word=Text("local response norm", "局部响应规范化"),
        shape=shapes.like_input,
        saves=saves.local_response_norm,
        reach=reach.same,
    ),
    Op(
        name="group_norm",
        kind=NORMALISATION,
        word=Text("group norm", "组规范化"),
        saves=saves.group_norm,
        reach=reach.whole,
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
