"""The networks before LeNet-5, counted from their layouts.

Net-1 to Net-5: LeCun, "Generalization and Network Design Strategies", CRG-TR-89-4, 1989. ZIP codes:
LeCun et al., Neural Computation 1(4), 1989. LeNet-1: LeCun et al., NIPS 2, 1990. Test results are
those of the papers; LeNet-1's and LeNet-5's are of LeCun et al. 1998, section III.
"""

from dataclasses import dataclass

from cnnviz.analysis import analyze
from cnnviz.text import Text
from cnnviz.zoo import PRESETS


@dataclass(frozen=True)
class Level:
    """Equal maps of units.

    Args:
        maps: how many; a fully connected layer is one map.
        units: of a map.
        reads: units before it that each reads.
        shared: whether the units of a map have their weights in common.
        one_bias: whether they have their bias in common, too.
        one_weight: whether a map has a single weight, as trained average pooling has.
    """

    maps: int
    units: int
    reads: int
    shared: bool = False
    one_bias: bool = False
    one_weight: bool = False

    @property
    def connections(self) -> int:
        """Uses of weights and biases for one image."""
        return self.maps * self.units * (self.reads + 1)

    @property
    def params(self) -> int:
        """Free weights and biases."""
        weights = 1 if self.one_weight else self.reads * (1 if self.shared else self.units)
        return self.maps * (weights + (1 if self.one_bias else self.units))


@dataclass(frozen=True)
class EarlyNetwork:
    """A network with its size and how well it did; `preset` where it is in the zoo."""

    name: Text
    year: int
    layout: Text
    connections: int
    params: int
    result: Text
    preset: str = ""


def early_networks() -> tuple[EarlyNetwork, ...]:
    """From Net-1 to LeNet-5, in order."""
    lenet_5 = analyze(PRESETS["lenet-5"].spec)
    return (
        *_NETWORKS,
        EarlyNetwork(
            _same("LeNet-5"),
            1998,
            Text(
                "C1 6 maps, C3 16 maps, pooling after each, C5 120, F6 84, 10 outputs",
                "C1 6 个图，C3 16 个图，其后各有池化，C5 120，F6 84，10 个输出",
            ),
            sum(layer.connections or 0 for layer in lenet_5.layers),
            lenet_5.params,
            Text("0.95 % wrong on MNIST", "MNIST 错误率 0.95 %"),
            preset="lenet-5",
        ),
    )


def _network(name: Text, year: int, layout: Text, result: Text, *levels: Level) -> EarlyNetwork:
    connections = sum(level.connections for level in levels)
    return EarlyNetwork(
        name, year, layout, connections, sum(level.params for level in levels), result
    )


def _same(name: str) -> Text:
    return Text(name, name)


def _right(share: str) -> Text:
    return Text(f"{share} % right of 160", f"160 张中正确率 {share} %")


_NETWORKS = (
    _network(
        _same("Net-1"),
        1989,
        Text("10 outputs", "10 个输出"),
        _right("80.0"),
        Level(1, 10, reads=256),
    ),
    _network(
        _same("Net-2"),
        1989,
        Text("12 hidden units, 10 outputs", "12 个隐藏单元，10 个输出"),
        _right("87.0"),
        Level(1, 12, reads=256),
        Level(1, 10, reads=12),
    ),
    _network(
        _same("Net-3"),
        1989,
        Text(
            "8×8 units that see 3×3, 4×4 that see 5×5, 10 outputs",
            "8×8 个单元看 3×3，4×4 个单元看 5×5，10 个输出",
        ),
        _right("88.5"),
        Level(1, 64, reads=9),
        Level(1, 16, reads=25),
        Level(1, 10, reads=16),
    ),
    _network(
        _same("Net-4"),
        1989,
        Text(
            "2 maps 8×8 with shared 3×3, 4×4 units that see 5×5 of both, 10 outputs",
            "2 个 8×8 的图共享 3×3 权值，4×4 个单元看两图的 5×5，10 个输出",
        ),
        _right("94.0"),
        Level(2, 64, reads=9, shared=True),
        Level(1, 16, reads=2 * 25),
        Level(1, 10, reads=16),
    ),
    _network(
        _same("Net-5"),
        1989,
        Text(
            "2 maps 8×8 with shared 3×3, 4 maps 4×4 with shared 5×5, 10 outputs",
            "2 个 8×8 的图共享 3×3 权值，4 个 4×4 的图共享 5×5 权值，10 个输出",
        ),
        _right("98.4"),
        Level(2, 64, reads=9, shared=True),
        Level(4, 16, reads=2 * 25, shared=True),
        Level(1, 10, reads=64),
    ),
    _network(
        Text("ZIP codes", "邮政编码识别"),
        1989,
        Text(
            "12 maps 8×8, 5×5 at stride 2; 12 maps 4×4, each of 8 maps; 30 units; 10 outputs",
            "12 个 8×8 的图，5×5、步幅 2；12 个 4×4 的图，各读 8 个图；30 个单元；10 个输出",
        ),
        Text("5.0 % wrong of 2,007", "2,007 张中错误率 5.0 %"),
        Level(12, 64, reads=25, shared=True),
        Level(12, 16, reads=8 * 25, shared=True),
        Level(1, 30, reads=192),
        Level(1, 10, reads=30),
    ),
    _network(
        _same("LeNet-1"),
        1990,
        Text(
            "4 maps 24×24, pooling, 12 maps 8×8 of one or two maps, pooling, 10 outputs",
            "4 个 24×24 的图，池化，12 个 8×8 的图（各读 1 或 2 个图），池化，10 个输出",
        ),
        Text("1.7 % wrong on MNIST", "MNIST 错误率 1.7 %"),
        Level(4, 24 * 24, reads=25, shared=True, one_bias=True),
        Level(4, 12 * 12, reads=4, one_weight=True, one_bias=True),
        Level(4, 8 * 8, reads=25, shared=True, one_bias=True),
        Level(8, 8 * 8, reads=2 * 25, shared=True, one_bias=True),
        Level(12, 4 * 4, reads=4, one_weight=True, one_bias=True),
        Level(1, 10, reads=192),
    ),
)
