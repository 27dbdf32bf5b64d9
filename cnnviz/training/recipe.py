"""The recipe of a training run: everything but the network."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.settings import Settings
from cnnviz.text import Text

RUN = Text("Images and seed", "图像数与随机种子")
OPTIMISER = Text("Optimiser", "优化器")
DATA = Text("Augmentation and regularisation", "数据增强与正则化")
LIMITS = Text("Precision and limits", "数值精度与时间上限")
SGD_RATE, ADAM_RATE = 0.05, 0.002  # to begin with
AUXILIARY_WEIGHT = 0.3  # of an auxiliary head's loss, arXiv 1409.4842, section 5


@dataclass(frozen=True, kw_only=True)
class Recipe(Settings):
    """How a network is trained; the defaults suit a LeNet on the embedded data."""

    family = "recipe"

    epochs: int = knob(
        8,
        Text("epochs", "轮数"),
        Text("How often all training images are gone through.", "所有训练图像被遍历的次数。"),
        group=RUN,
        term="epoch",
        bounds=(1, 200),
    )
    images: int = knob(
        0,
        Text("images an epoch", "每轮图像数"),
        Text(
            "Training images of an epoch, drawn anew each time; 0 for all of them. Fewer make a "
            "short epoch of a slow network.",
            "每轮使用的训练图像数，每轮重新抽取；取 0 则用全部。"
            "网络较慢时，可用较少的图像缩短每轮。",
        ),
        group=RUN,
        term="epoch",
        bounds=(0, 100_000),
    )
    batch_size: int = knob(
        64,
        Text("batch size", "批量大小"),
        Text(
            "Images per step. A larger batch gives a steadier gradient, fewer steps, and needs "
            "more memory.",
            "每步使用的图像数。批量越大，梯度越稳定，步数越少，占用内存越多。",
        ),
        group=RUN,
        term="epoch",
        bounds=(1, 4096),
    )
    seed: int = knob(
        0,
        Text("seed", "随机种子"),
        Text(
            "Starts every random number of the run. The same seed gives the same curve.",
            "决定训练中的全部随机数；种子相同，曲线相同。",
        ),
        group=RUN,
        term="seed",
        bounds=(0, 2**31 - 1),
    )
    optimiser: str = knob(
        "sgd",
        Text("optimiser", "优化器"),
        Text(
            "SGD with momentum, or Adam, which scales each weight's step by its own gradients.",
            "带动量的 SGD，或 Adam（按各权重自己的梯度调整步长）。",
        ),
        group=OPTIMISER,
        term="optimiser",
        choices=("sgd", "adam"),
        choice_labels=(Text("SGD", "SGD"), Text("Adam", "Adam")),
    )
    learning_rate: float = knob(
        SGD_RATE,
        Text("learning rate", "学习率"),
        Text(
            "Length of a step. Too large diverges, too small crawls; Adam wants about 0.002.",
            "更新步的长度。过大会发散，过小则缓慢；Adam 宜取 0.002 左右。",
        ),
        group=OPTIMISER,
        term="learning_rate",
        symbol="η",
        bounds=(0.0001, 10),
        step=0.01,
    )
    schedule: str = knob(
        "cosine",
        Text("schedule", "学习率调度"),
        Text(
            "How the learning rate moves: constant; a tenth after half and after three quarters; "
            "down a cosine to zero; or one cycle, up first and then down.",
            "学习率随训练的变化。恒定：不变；阶梯：在一半和四分之三处各降为十分之一；"
            "余弦：按余弦曲线降到零；单周期：先升后降。",
        ),
        group=OPTIMISER,
        term="learning_rate",
        choices=("constant", "step", "cosine", "one-cycle"),
        choice_labels=(
            Text("constant", "恒定"),
            Text("step", "阶梯"),
            Text("cosine", "余弦"),
            Text("one cycle", "单周期"),
        ),
    )
    momentum: float = knob(
        0.9,
        Text("momentum", "动量"),
        Text(
            "Share of the last step that SGD keeps; Adam's first moment.",
            "SGD 在每次更新中保留上次更新的比例；在 Adam 中为一阶矩的系数。",
        ),
        group=OPTIMISER,
        term="optimiser",
        bounds=(0, 0.99),
        step=0.05,
    )
    warm_up: float = knob(
        0.0,
        Text("warm-up", "学习率预热"),
        Text(
            "Share of all steps in which the learning rate rises from nearly zero. It holds the "
            "first steps of a deep network back, whose gradients are wild.",
            "学习率从接近零升到设定值所占的步数比例。深层网络最初的梯度不稳定，预热可避免发散。",
        ),
        group=OPTIMISER,
        term="learning_rate",
        bounds=(0, 0.5),
        step=0.05,
    )
    gradient_clip: float = knob(
        0.0,
        Text("gradient clipping", "梯度裁剪"),
        Text(
            "The most that the norm of all gradients together may be; a longer one is scaled "
            "down to it. 0 for no limit.",
            "全部梯度的总范数上限，超过时按比例缩小；取 0 则不裁剪。",
        ),
        group=OPTIMISER,
        term="gradient",
        bounds=(0, 100),
        step=0.5,
    )
    initialisation: str = knob(
        "default",
        Text("initialisation", "初始化"),
        Text(
            "What the weights of convolutions and linear layers start from. PyTorch's own is a "
            "narrow uniform one; Xavier keeps the variance through sigmoid and tanh layers, "
            "Kaiming through ReLU layers; a normal one of deviation 0.01 is AlexNet's, and lets "
            "the signal of a deep network fade.",
            "卷积层与全连接层权重的初始值。PyTorch 默认为较窄的均匀分布；Xavier 使方差在 sigmoid、"
            "tanh 层间保持不变，Kaiming 适用于 ReLU 层；标准差 0.01 的正态分布是 AlexNet 的做法，"
            "在深层网络中信号会逐渐消失。",
        ),
        group=OPTIMISER,
        term="initialisation",
        choices=("default", "xavier", "kaiming", "normal"),
        choice_labels=(
            Text("PyTorch's", "PyTorch 默认"),
            Text("Xavier", "Xavier 初始化"),
            Text("Kaiming", "Kaiming 初始化"),
            Text("normal 0.01", "正态 0.01"),
        ),
    )
    weight_decay: float = knob(
        0.0005,
        Text("weight decay", "权重衰减"),
        Text(
            "Pulls every weight towards zero, against overfitting.",
            "把每个权重向零拉，抑制过拟合。",
        ),
        group=DATA,
        term="weight_decay",
        symbol="λ",
        bounds=(0, 0.1),
        step=0.0005,
    )
    label_smoothing: float = knob(
        0.0,
        Text("label smoothing", "标签平滑"),
        Text(
            "Share of the target that is spread over all classes; 0.1 in Inception-v3.",
            "目标中平均分给所有类别的比例；Inception-v3 取 0.1。",
        ),
        group=DATA,
        term="label_smoothing",
        bounds=(0, 0.5),
        step=0.05,
    )
    flip: bool = knob(
        False,
        Text("flip", "水平翻转"),
        Text(
            "Half of the images are mirrored left to right, anew in each epoch.",
            "每轮随机选一半图像左右翻转。",
        ),
        group=DATA,
        term="augmentation",
    )
    crop: bool = knob(
        False,
        Text("crop", "随机裁剪"),
        Text(
            "Each image is shifted by up to an eighth of its size, anew in each epoch.",
            "每轮把每张图像随机平移至多八分之一。",
        ),
        group=DATA,
        term="augmentation",
    )
    colour: bool = knob(
        False,
        Text("colour", "颜色扰动"),
        Text(
            "The colours of each image move along their main directions, as in AlexNet; grey "
            "images get lighter or darker.",
            "图像颜色沿主成分方向变化（AlexNet 的做法）；灰度图变亮或变暗。",
        ),
        group=DATA,
        term="augmentation",
    )
    precision: str = knob(
        "single",
        Text("precision", "数值精度"),
        Text(
            "single: 32 bits. mixed: most of the work in 16 bits (bfloat16), on a GPU alone.",
            "单精度：32 位。混合精度：大部分运算用 16 位（bfloat16），仅限 GPU。",
        ),
        group=LIMITS,
        term="precision",
        choices=("single", "mixed"),
        choice_labels=(Text("single", "单精度"), Text("mixed", "混合精度")),
    )
    channels_last: bool = knob(
        False,
        Text("channels last", "通道在后（channels_last）"),
        Text(
            "Stores maps pixel by pixel, which tensor cores like. Results differ by rounding.",
            "按像素存储特征图，适合张量核心；结果只有舍入上的差别。",
        ),
        group=LIMITS,
        term="precision",
    )
    time_limit: int = knob(
        600,
        Text("time limit in s", "时间上限（秒）"),
        Text(
            "Seconds after which the run ends where it is and is evaluated.",
            "训练的最长秒数；到时在当前进度停止，并用测试图像测试。",
        ),
        group=LIMITS,
        term="epoch",
        bounds=(1, 3600),
    )

    def conflicts(self) -> list[Problem]:
        if not (self.warm_up and self.schedule == "one-cycle"):
            return []
        message = Text(
            "{knob} is {share}, and {schedule} is {schedule:one-cycle}, which warms up by itself. "
            "Set {knob} to 0, or take another {schedule}.",
            "{knob}为 {share}，而{schedule}为“{schedule:one-cycle}”，自带预热。"
            "请将{knob}设为 0，或换用其他{schedule}。",
        )
        return [self.problem("warm_up", message, share=self.warm_up)]

    def images_of(self, train: int) -> int:
        """How many of so many training images an epoch has."""
        return min(self.images or train, train)

    @property
    def usual_rate(self) -> float | None:
        """The usual rate of the optimiser where this rate does not suit it; None where it does."""
        if self.optimiser == "adam":
            return ADAM_RATE if self.learning_rate > 5 * ADAM_RATE else None
        return SGD_RATE if self.learning_rate < SGD_RATE / 10 else None
