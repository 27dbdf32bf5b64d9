"""LeNet: convolution, pooling, full connection; from the network of 1998 to its modern form.

LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998, section II.B and table I. One deviation: the squashing
function is the plain hyperbolic tangent, not 1.7159·tanh(2a/3).
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.families import Demo, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text

LAYERS = Text("Layers", "各层")

# Table I: the maps of S2 that each of the 16 maps of C3 reads.
CONNECTIONS_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
POOLINGS = {"average": nn.AvgPool2d, "max": nn.MaxPool2d}


@dataclass(frozen=True, kw_only=True)
class LeNetSpec(Spec):
    """The knobs of LeNet; the defaults are LeNet-5 as published in 1998."""

    family = "lenet"

    image_size: int = 32
    in_channels: int = 1
    num_classes: int = 10

    connections_c3: str = knob(
        "table",
        Text("connections of C3", "C3 的连接方式"),
        Text(
            "table: each map of C3 reads three, four or six maps of S2 (1998, table I), 1,516 "
            "parameters. full: every map reads all six, 2,416 parameters.",
            "连接表：C3 的每个特征图只读取 S2 的 3、4 或 6 个特征图（1998 年论文表 I），"
            "1,516 个参数。全部连接：读取全部 6 个，2,416 个参数。",
        ),
        group=LAYERS,
        term="connection_table",
        choices=("table", "full"),
        choice_labels=(Text("table", "连接表"), Text("full", "全部连接")),
    )
    pooling: str = knob(
        "trainable",
        Text("pooling of S2 and S4", "S2 和 S4 的池化"),
        Text(
            "trainable: sum of 2×2 times a weight plus a bias per map (1998). average and max "
            "have no parameters.",
            "可训练：2×2 求和后乘以权重再加偏置，每个特征图一组（1998 年）。平均与最大没有参数。",
        ),
        group=LAYERS,
        term="pooling",
        choices=("trainable", "average", "max"),
        choice_labels=(
            Text("trainable", "可训练"),
            Text("average", "平均"),
            Text("max", "最大"),
        ),
    )
    activation: str = knob(
        "tanh",
        Text("activation", "激活函数"),
        Text(
            "The non-linearity between layers. sigmoid and tanh saturate and let gradients "
            "vanish; ReLU does not.",
            "层与层之间的非线性函数。sigmoid 与 tanh 会饱和，使梯度消失；ReLU 不会。",
        ),
        group=LAYERS,
        term="activation",
        choices=("sigmoid", "tanh", "relu"),
        choice_labels=(Text("sigmoid", "sigmoid"), Text("tanh", "tanh"), Text("ReLU", "ReLU")),
    )
    output: str = knob(
        "rbf",
        Text("output layer", "输出层"),
        Text(
            "RBF: squared distance to one code per class, the nearest class wins (1998). linear: "
            "a fully connected layer that gives logits.",
            "RBF：到各类别编码的平方距离，最近者胜（1998 年）。"
            "全连接：输出未规范化的分数（logits）。",
        ),
        group=LAYERS,
        term="rbf",
        choices=("rbf", "linear"),
        choice_labels=(Text("RBF", "RBF"), Text("linear", "全连接")),
    )
    padding: int = knob(
        0,
        Text("padding of C1", "C1 的填充"),
        Text(
            "Zero pixels added on each side of the image: 0 for 32-pixel images, 2 for 28-pixel "
            "ones, so that C1 keeps 28×28.",
            "图像每边补零的像素数：32 像素的图像取 0，28 像素的取 2，使 C1 的输出为 28×28。",
        ),
        group=LAYERS,
        term="padding",
        symbol="p",
        choices=(0, 2),
    )
    batch_norm: bool = knob(
        False,
        Text("batch norm", "批量规范化"),
        Text(
            "Normalises every layer's output over the batch before the activation. It came in "
            "2015; it lets even sigmoid networks train fast.",
            "在激活函数之前按批量规范化每一层的输出。2015 年提出，使 sigmoid 网络也能很快训练。",
        ),
        group=LAYERS,
        term="batch_norm",
    )
    norm_place: str = knob(
        "before",
        Text("place of batch norm", "批量规范化的位置"),
        Text(
            "before: between a layer and its activation, as in the paper and the course. after: "
            "behind the activation, on what the next layer reads.",
            "之前：在层与激活函数之间（论文与课程的做法）。之后：在激活函数后面，"
            "规范化下一层读取的值。",
        ),
        group=LAYERS,
        term="batch_norm",
        choices=("before", "after"),
        choice_labels=(
            Text("before the activation", "激活之前"),
            Text("after the activation", "激活之后"),
        ),
    )

    def conflicts(self) -> list[Problem]:
        remedy = Text("Enlarge it, or pad C1 by 2.", "请增大图像，或将 C1 的填充设为 2。")
        problems = self.image_conflict(lambda size: self.size_s4(size) >= 1, remedy)
        if self.norm_place == "after" and not self.batch_norm:
            message = Text(
                "{knob} is {knob:after}, and there is no {batch_norm}. Switch {batch_norm} on, or "
                "take {knob:before}.",
                "{knob}为“{knob:after}”，但未使用{batch_norm}。请打开{batch_norm}，"
                "或取“{knob:before}”。",
            )
            problems.append(self.problem("norm_place", message))
        return problems

    def build(self) -> nn.Module:
        return LeNet(self)

    @property
    def reads_c3(self) -> tuple[tuple[int, ...], ...]:
        """The maps of S2 that each of the 16 maps of C3 reads."""
        return CONNECTIONS_C3 if self.connections_c3 == "table" else (tuple(range(6)),) * 16

    def size_s4(self, size: int) -> int:
        """Height and width of S4 for an image of `size` px."""
        return ((size + 2 * self.padding - 4) // 2 - 4) // 2


class LeNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes), layers named as in the paper."""

    def __init__(self, spec: LeNetSpec):
        flat = 16 * spec.size_s4(spec.image_size) ** 2
        c1 = nn.Conv2d(spec.in_channels, 6, kernel_size=5, padding=spec.padding)
        c3 = ConnectionTableConv() if spec.connections_c3 == "table" else nn.Conv2d(6, 16, 5)
        output = RBF if spec.output == "rbf" else nn.Linear
        super().__init__(
            OrderedDict(
                C1=_layer(spec, conv=c1, norm=nn.BatchNorm2d(6)),
                S2=_pool(spec, channels=6),
                C3=_layer(spec, conv=c3, norm=nn.BatchNorm2d(16)),
                S4=_pool(spec, channels=16),
                flatten=nn.Flatten(),
                C5=_layer(spec, linear=nn.Linear(flat, 120), norm=nn.BatchNorm1d(120)),
                F6=_layer(spec, linear=nn.Linear(120, 84), norm=nn.BatchNorm1d(84)),
                output=output(84, spec.num_classes),
            )
        )


def _layer(spec: LeNetSpec, *, norm: nn.Module, **weighted: nn.Module) -> nn.Module:
    """A weighted layer and the activation; batch norm, if it is on, before or after that."""
    layers: dict[str, nn.Module] = {"activation": ACTIVATIONS[spec.activation]()}
    if spec.batch_norm and spec.norm_place == "before":
        layers = {"norm": norm, **layers}
    elif spec.batch_norm:
        layers["norm"] = norm
    return nn.Sequential(OrderedDict(**weighted, **layers))


def _pool(spec: LeNetSpec, *, channels: int) -> nn.Module:
    """(N, C, H, W) -> (N, C, ⌊H/2⌋, ⌊W/2⌋); trainable pooling is squashed as in 1998."""
    if spec.pooling != "trainable":
        return POOLINGS[spec.pooling](kernel_size=2)
    activation = ACTIVATIONS[spec.activation]()
    return nn.Sequential(OrderedDict(pool=TrainableSubsampling(channels), activation=activation))


class ConnectionTableConv(nn.Module):
    """C3 of 1998: (N, 6, H, W) -> (N, 16, H - 4, W - 4), each output reading a part of the input.

    Outputs with the same number of inputs form one grouped convolution, so that the parameters are
    (5·5·3 + 1)·6 + (5·5·4 + 1)·9 + (5·5·6 + 1)·1 = 1,516 and nothing is computed in vain.
    """

    from3: nn.Conv2d
    from4: nn.Conv2d
    from6: nn.Conv2d
    wires3: torch.Tensor
    wires4: torch.Tensor
    wires6: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        for fan_in in (3, 4, 6):
            rows = [row for row in CONNECTIONS_C3 if len(row) == fan_in]
            conv = nn.Conv2d(fan_in * len(rows), len(rows), kernel_size=5, groups=len(rows))
            self.add_module(f"from{fan_in}", conv)
            wires = torch.tensor([channel for row in rows for channel in row])
            self.register_buffer(f"wires{fan_in}", wires, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # the table lists outputs by their number of inputs, so the parts join in its order
        return torch.cat(
            [
                self.from3(x.index_select(1, self.wires3)),  # (N, 18, H, W) -> (N, 6, ·, ·)
                self.from4(x.index_select(1, self.wires4)),  # (N, 36, H, W) -> (N, 9, ·, ·)
                self.from6(x.index_select(1, self.wires6)),  # (N, 6, H, W) -> (N, 1, ·, ·)
            ],
            dim=1,
        )


class TrainableSubsampling(nn.Module):
    """y = w_c · (sum of 2×2) + b_c: (N, C, H, W) -> (N, C, ⌊H/2⌋, ⌊W/2⌋), 2C parameters."""

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = F.avg_pool2d(x, kernel_size=2, divisor_override=1)
        per_map = (-1, 1, 1)
        return torch.addcmul(self.bias.view(per_map), total, self.weight.view(per_map))


class RBF(nn.Module):
    """Negated radial basis functions: (N, F) -> (N, classes), -(Σ_j (x_j - w_ij)² + b_i).

    The nearest code has the smallest distance, hence the largest output. The bias is the course's:
    its count of 850 parameters includes one per class. In 1998 the codes were drawn by hand and
    fixed; here they are trained, from random corners of the ±1 cube.
    """

    def __init__(self, features: int, classes: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(classes, features))
        self.bias = nn.Parameter(torch.zeros(classes))
        nn.init.uniform_(self.weight, -1.0, 1.0)
        with torch.no_grad():
            self.weight.sign_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        distance = (x.unsqueeze(1) - self.weight).square().sum(dim=2)  # (N, classes)
        return -(distance + self.bias)


D2L: dict[str, Any] = {
    "output": "linear",
    "connections_c3": "full",
    "pooling": "average",
    "activation": "sigmoid",
}

FAMILY = Family(
    title="LeNet",
    spec=LeNetSpec,
    demos=(
        Demo(
            recipe={"learning_rate": 0.05},
            why=Text(
                "Batch norm or ReLU lets gradients through, and plain SGD trains it in seconds.",
                "批量规范化或 ReLU 使梯度顺利回传，带动量的 SGD 几秒即可训练好。",
            ),
            when=lambda spec: spec.batch_norm or spec.activation == "relu",
        ),
        Demo(
            recipe={"initialisation": "xavier", "optimiser": "adam", "learning_rate": 0.005},
            why=Text(
                "Sigmoid and tanh saturate, and PyTorch's narrow initialisation lets their "
                "gradients vanish: Xavier's was made for them, and Adam lengthens small gradients.",
                "sigmoid 与 tanh 会饱和，PyTorch 较窄的初始化会使梯度消失：Xavier 初始化正是为它们"
                "设计的，而 Adam 会放大小梯度。",
            ),
        ),
    ),
    presets=(
        Preset(
            name="lenet-5",
            spec=LeNetSpec(),
            params=60_850,
            macs=None,
            source="LeCun et al. 1998, section II.B",
        ),
        Preset(
            name="lenet-d2l",
            spec=LeNetSpec(**D2L, padding=2, image_size=28),
            params=61_706,
            macs=416_520,
            source="Dive into Deep Learning, 7.6",
        ),
        Preset(
            name="lenet-bn-d2l",
            spec=LeNetSpec(**D2L, batch_norm=True, image_size=28),
            params=44_878,
            macs=281_640,
            source="Dive into Deep Learning, 8.5",
        ),
    ),
)
