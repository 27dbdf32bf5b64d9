"""Experiments on pooling: average or maximum, and windows that overlap."""

from typing import Any

from cnnviz.experiments.experiment import TEST_ACCURACY, Experiment
from cnnviz.experiments.small import LENET, VGG_RECIPE, arm
from cnnviz.text import Text

AVERAGE_OR_MAX = Experiment(
    name="pooling-average-or-max",
    title=Text("Average or maximum pooling", "平均池化还是最大池化"),
    claim=Text(
        "Maximum pooling keeps the strongest answer and gives a better test accuracy than "
        "average pooling.",
        "最大池化保留最强的响应，测试准确率高于平均池化。",
    ),
    source=Text(
        "course, LeNet and AlexNet: average pooling then, maximum pooling now",
        "课程“LeNet”与“AlexNet”：早期用平均池化，如今用最大池化",
    ),
    question=Text(
        "The same LeNet with ReLU, once with each pooling. Which has the better test accuracy?",
        "同一个使用 ReLU 的 LeNet，分别采用两种池化。哪种的测试准确率更高？",
    ),
    options=(
        Text("average pooling", "平均池化"),
        Text("maximum pooling", "最大池化"),
        Text("within a point of each other", "相差不到 1 个百分点"),
    ),
    claimed=1,
    arms=tuple(
        arm(name, title, "lenet-d2l", LENET, activation="relu", pooling=name)
        for name, title in (
            ("average", Text("average pooling", "平均池化")),
            ("max", Text("maximum pooling", "最大池化")),
        )
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: accuracy["max"] > accuracy["average"] + 0.01,
    rule=Text(
        "holds if maximum pooling is more than a point better in test accuracy",
        "若最大池化的测试准确率高出 1 个百分点以上，则成立",
    ),
    why=Text(
        "The maximum says whether a feature is anywhere in the window, and a weak answer beside "
        "it does not dilute it. The average says how much of it there is, and its gradient goes to "
        "all four pixels.",
        "最大值表示窗口中某处是否有该特征，不会被旁边的弱响应冲淡；"
        "平均值表示该特征有多少，其梯度分给全部四个像素。",
    ),
    limits=Text(
        "Clothes are centred and fill the image; where a feature's place varies, the difference "
        "may be another.",
        "衣物图像居中且占满画面；若特征的位置多变，差别可能不同。",
    ),
)

# Either window halves 15 px to 7, 3 and 1, so that both networks have the same weights.
_ALEXNET: dict[str, Any] = {
    "image_size": 67,
    "first_padding": 0,
    "channels": (16, 32, 48, 48, 32),
    "hidden_features": 128,
    "dropout": 0.0,
}

OVERLAPPING = Experiment(
    name="pooling-overlapping",
    title=Text("Overlapping pooling", "重叠池化"),
    claim=Text(
        "Pooling windows of 3×3 at stride 2, which overlap, give a better test accuracy than "
        "windows of 2×2, and overfit a little less.",
        "步幅为 2 的 3×3 重叠池化比 2×2 池化的测试准确率更高，过拟合略轻。",
    ),
    source=Text(
        "course, AlexNet: overlapping pooling raises accuracy and makes overfitting harder; "
        "Krizhevsky et al. 2012, section 3.4",
        "课程“AlexNet”：重叠池化可提高准确率，不易过拟合；Krizhevsky 等，2012，3.4 节",
    ),
    question=Text(
        "A small AlexNet with windows of 3×3 and of 2×2, both at stride 2. Which has the better "
        "test accuracy?",
        "一个小型 AlexNet，池化窗口分别为 3×3 和 2×2，步幅均为 2。哪种的测试准确率更高？",
    ),
    options=(
        Text("3×3, overlapping", "3×3，重叠"),
        Text("2×2, side by side", "2×2，不重叠"),
        Text("within a point of each other", "相差不到 1 个百分点"),
    ),
    claimed=0,
    arms=tuple(
        arm(name, title, "alexnet-d2l", VGG_RECIPE, overlapping_pooling=overlaps, **_ALEXNET)
        for name, overlaps, title in (
            ("overlapping", True, Text("3×3, overlapping", "3×3，重叠")),
            ("apart", False, Text("2×2, side by side", "2×2，不重叠")),
        )
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: accuracy["overlapping"] > accuracy["apart"] + 0.01,
    rule=Text(
        "holds if overlapping windows are more than a point better in test accuracy",
        "若重叠池化的测试准确率高出 1 个百分点以上，则成立",
    ),
    why=Text(
        "A strong answer at the border of two windows that overlap is seen by both, so less "
        "depends on where exactly the windows lie. The weights are the same; only what is kept "
        "of each map differs.",
        "位于两个窗口边界的强响应会同时被两个重叠窗口看到，因此结果不那么依赖窗口的确切位置。"
        "两个网络的权重数相同，不同的只是每张特征图保留下来的内容。",
    ),
    limits=Text(
        "The paper gains 0.4 points on 50,000 images of a thousand classes. With 1,000 test images "
        "so small a difference is chance, and only a larger one counts here.",
        "论文在 5 万张、一千类的图像上只提高了 0.4 个百分点。这里只有 1,000 张测试图像，"
        "如此小的差别属于偶然，因此只认更大的差别。",
    ),
)
