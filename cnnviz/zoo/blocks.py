"""What several families share."""

from collections import OrderedDict

from torch import nn

from cnnviz.knobs import knob
from cnnviz.text import Text


def stem_knob(group: Text) -> str:
    """The choice between the two stems of the ImageNet and the CIFAR networks."""
    return knob(
        "imagenet",
        Text("stem", "初始层"),
        Text(
            "imagenet: 7×7 convolution of stride 2 and max pooling, a quarter of the size. "
            "cifar: one 3×3 convolution that keeps the size of a 32-pixel image.",
            "imagenet：步幅 2 的 7×7 卷积加最大池化，尺寸变为四分之一。"
            "cifar：一个 3×3 卷积，保持 32 像素图像的尺寸。",
        ),
        group=group,
        term="stem",
        choices=("imagenet", "cifar"),
        choice_labels=(Text("ImageNet", "ImageNet"), Text("CIFAR", "CIFAR")),
    )


def bias_knob(group: Text) -> bool:
    """Whether convolutions that batch norm follows have a bias all the same."""
    return knob(
        False,
        Text("bias in convolutions", "卷积带偏置"),
        Text(
            "A bias in every convolution: none in the paper, kept in the course's listing.",
            "每个卷积都带偏置：论文不带，课程的代码保留了它。",
        ),
        group=group,
        term="bias",
    )


def imagenet_stem(in_channels: int, channels: int, *, norm: nn.Module, bias: bool) -> nn.Sequential:
    """7×7 convolution and max pooling: (N, C, H, W) -> (N, channels, ⌈H/4⌉, ⌈W/4⌉)."""
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, channels, kernel_size=7, stride=2, padding=3, bias=bias),
            norm=norm,
            relu=nn.ReLU(),
            pool=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
    )


def conv_unit(
    channels: int,
    out: int,
    kernel: int | tuple[int, int],
    *,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    groups: int = 1,
    norm: bool = True,
    activation: type[nn.Module] | None = nn.ReLU,
) -> nn.Sequential:
    """Convolution, batch norm, activation: (N, C, H, W) -> (N, out, H', W').

    Args:
        norm: batch norm follows; without it, the convolution has a bias.
        activation: what comes last; None for a linear unit.
    """
    layers = OrderedDict(
        conv=nn.Conv2d(
            channels, out, kernel, stride=stride, padding=padding, groups=groups, bias=not norm
        )
    )
    if norm:
        layers["norm"] = nn.BatchNorm2d(out)
    if activation is not None:
        layers["relu"] = activation()
    return nn.Sequential(layers)


def average_head(
    channels: int, num_classes: int, *, dropout: float = 0, **before: nn.Module
) -> nn.Sequential:
    """Global average pooling and a linear layer: (N, C, H, W) -> (N, classes).

    Args:
        dropout: share of the features that training leaves out, if any.
        before: layers that come first, by name.
    """
    return nn.Sequential(
        OrderedDict(
            **before,
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            **({"dropout": nn.Dropout(dropout)} if dropout else {}),
            classifier=nn.Linear(channels, num_classes),
        )
    )
