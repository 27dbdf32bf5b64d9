"""The lab on activations."""

from cnnviz.labs.activation.curves import curves, depth
from cnnviz.labs.activation.settings import CURVES, DEPTH, ActivationSettings
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="activation",
    title=Text("Activations", "激活函数"),
    lead=Text(
        "Without an activation, layers on top of each other are one linear layer. Its slope "
        "decides whether the gradient comes through.",
        "没有激活函数，叠起来的层等于一个线性层。激活函数的导数决定梯度能否传过去。",
    ),
    goals=(
        Text(
            "Say where sigmoid and tanh saturate, and why ReLU does not on the positive side.",
            "说出 sigmoid 与 tanh 在何处饱和，以及 ReLU 在正半轴为何不饱和。",
        ),
        Text(
            "Estimate what is left of a gradient after n layers.", "估计梯度经过 n 层之后还剩多少。"
        ),
    ),
    settings=ActivationSettings,
    sections=(
        Section(
            CURVES,
            curves,
            (
                Try(
                    Text(
                        "x = 0: sigmoid's slope is 0.25, its largest.",
                        "x = 0：sigmoid 的导数为最大值 0.25。",
                    ),
                    {"x": 0.0},
                ),
                Try(
                    Text("x = 6: sigmoid and tanh are saturated.", "x = 6：sigmoid 与 tanh 饱和。"),
                    {"x": 6.0},
                ),
                Try(Text("x = −2: ReLU is off.", "x = −2：ReLU 不激活。"), {"x": -2.0}),
            ),
        ),
        Section(
            DEPTH,
            depth,
            (
                Try(Text("20 layers.", "20 层。"), {"layers": 20}),
                Try(
                    Text("Weight 4: sigmoid saturates instead.", "权重 4：sigmoid 反而饱和。"),
                    {"weight": 4.0},
                ),
                Try(
                    Text("Weight 2: with ReLU it explodes.", "权重 2：用 ReLU 时梯度爆炸。"),
                    {"weight": 2.0, "layers": 20},
                ),
            ),
        ),
    ),
    places=(
        Place(Text("The course's LeNet: sigmoid", "教材中的 LeNet：sigmoid"), "lenet-d2l"),
        Place(Text("The same with ReLU", "改用 ReLU"), "lenet-d2l", {"activation": "relu"}),
        Place(Text("AlexNet: ReLU throughout", "AlexNet：全部使用 ReLU"), "alexnet-2012"),
    ),
    sources="Zhang et al., Dive into Deep Learning, chapters 5 and 8; Nair and Hinton 2010",
    experiments=("activation-relu-or-sigmoid",),
)
