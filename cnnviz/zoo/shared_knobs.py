"""Knobs that several families declare alike."""

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


IN_THE_PAPER = Text("in the paper", "论文")


def dropout_knob(group: Text, share: float = 0.5, where: Text = IN_THE_PAPER) -> float:
    """The share of the features that dropout leaves out, with its value and where that is from."""
    return knob(
        share,
        Text("dropout", "暂退概率"),
        Text(
            "Share of the features that each training step sets to zero, {share} {where} and 0 "
            "for no dropout. More of it holds overfitting back and slows learning down.",
            "每个训练步中置零的特征比例，{where}取 {share}，取 0 则不用暂退法。"
            "比例越大，越能抑制过拟合，但学习越慢。",
        ).format(share=share, where=where),
        group=group,
        term="dropout",
        bounds=(0.0, 0.9),
        step=0.05,
        slider=True,
    )


def width_knob(group: Text) -> float:
    """How wide all layers of a MobileNet are."""
    return knob(
        1.0,
        Text("width multiplier", "宽度系数"),
        Text(
            "Every layer has α times the paper's channels, rounded to a multiple of 8. Parameters "
            "and operations go nearly with α².",
            "每一层的通道数为论文的 α 倍，取整为 8 的倍数。参数量和运算量约与 α² 成正比。",
        ),
        group=group,
        term="width_multiplier",
        symbol="α",
        bounds=(0.25, 2.0),
        step=0.05,
        slider=True,
        smaller=True,
    )


def hidden_knob(group: Text) -> int:
    """The width of the hidden layers of a fully connected head."""
    return knob(
        4096,
        Text("hidden features", "隐藏层宽度"),
        Text(
            "Outputs of each of the two fully connected hidden layers, 4096 in the paper. The "
            "first of them holds most of the network's parameters.",
            "两个全连接隐藏层各自的输出个数，论文取 4096。网络的大部分参数在其中的第一层。",
        ),
        group=group,
        term="head",
        bounds=(1, 8192),
        smaller=True,
    )


def activation_knob(default: str, group: Text) -> str:
    """The choice between the two activations of the MobileNets; see `ACTIVATIONS`."""
    return knob(
        default,
        Text("activation", "激活函数"),
        Text(
            "ReLU6 stops at 6, which keeps few-bit arithmetic on a phone exact; ReLU does not.",
            "ReLU6 在 6 处截断，便于手机上的低位数运算；ReLU 没有上限。",
        ),
        group=group,
        term="activation",
        choices=("relu", "relu6"),
        choice_labels=(Text("ReLU", "ReLU"), Text("ReLU6", "ReLU6")),
    )


def batch_norm_knob(group: Text) -> bool:
    """Whether batch norm follows every convolution, in networks made for it."""
    return knob(
        True,
        Text("batch norm", "批量规范化"),
        Text(
            "After every convolution, as in the paper: training takes far fewer steps. Off, every "
            "convolution has a bias instead.",
            "论文在每个卷积之后都使用，训练所需的步数大大减少。关闭后，每个卷积改带偏置。",
        ),
        group=group,
        term="batch_norm",
    )
