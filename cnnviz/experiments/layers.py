"""Experiments on single layers: the activation, LRN, the head, dropout."""

from cnnviz.experiments.experiment import (
    TEST_ACCURACY,
    TRAIN_ACCURACY,
    Experiment,
    Figures,
    Measure,
)
from cnnviz.experiments.small import (
    FEW,
    LENET,
    SHORT_VGG,
    THOUSAND,
    VGG,
    VGG_RECIPE,
    arm,
    same,
)
from cnnviz.text import Text

ACTIVATION = Experiment(
    name="activation-relu-or-sigmoid",
    title=Text("ReLU or sigmoid", "ReLU 还是 sigmoid"),
    claim=Text(
        "With ReLU in place of sigmoid, gradients do not vanish and a network is easier to train.",
        "用 ReLU 代替 sigmoid 可避免梯度消失，使网络更容易训练。",
    ),
    source=Text(
        "course, AlexNet: “ReLU in place of sigmoid”; Krizhevsky et al. 2012, figure 1",
        "课程“AlexNet”：使用 ReLU 而不是 sigmoid 作为激活函数，避免梯度消失；"
        "Krizhevsky 等，2012，图 1",
    ),
    question=Text(
        "LeNet is trained with three activations, all else equal. Which has the best training "
        "accuracy after six epochs?",
        "LeNet 采用三种激活函数，其余相同。六轮之后，哪种的训练准确率最高？",
    ),
    options=(same("sigmoid"), same("tanh"), same("ReLU"), Text("no difference", "没有差别")),
    claimed=2,
    arms=tuple(
        arm(name, same(title), "lenet-d2l", LENET, pooling="max", activation=name)
        for name, title in (("sigmoid", "sigmoid"), ("tanh", "tanh"), ("relu", "ReLU"))
    ),
    measure=TRAIN_ACCURACY,
    holds=lambda accuracy: accuracy["relu"] > accuracy["sigmoid"] + 0.1,
    rule=Text(
        "holds if ReLU's training accuracy is more than 10 points above sigmoid's",
        "若 ReLU 的训练准确率比 sigmoid 高 10 个百分点以上，则成立",
    ),
    why=Text(
        "The slope of a sigmoid is at most 1/4, so the four of LeNet leave at most 1/256 of the "
        "gradient for the first layer, times what the weights make of it. ReLU has slope 1 "
        "wherever it is not zero. tanh has slope 1 at zero, so a shallow network hardly suffers "
        "from it.",
        "sigmoid 的导数最大为 1/4，LeNet 的四个 sigmoid 使第一层的梯度至多剩 1/256"
        "（另乘以权重的作用）。ReLU 在非零处导数为 1。"
        "tanh 在零处导数为 1，因此浅层网络几乎不受影响。",
    ),
    limits=Text(
        "Five layers. With more epochs, Xavier's initialisation or a larger learning rate the "
        "sigmoid network learns, too.",
        "只有五层。增加轮数、采用 Xavier 初始化或更大的学习率，sigmoid 网络也能学会。",
    ),
    part="train",
)

LRN = Experiment(
    name="lrn-makes-no-difference",
    title=Text("Local response normalisation", "局部响应规范化"),
    claim=Text(
        "Local response normalisation does not improve a network and only costs time.",
        "局部响应规范化（LRN）并不能改善网络，只会增加耗时。",
    ),
    source=Text(
        "course, VGG; Simonyan, Zisserman 2014, arXiv 1409.1556, section 4.1 (A against A-LRN)",
        "课程“VGG”；Simonyan、Zisserman，2014，arXiv 1409.1556，4.1 节（A 与 A-LRN）",
    ),
    question=Text(
        "VGG-11, once with LRN after its first convolution. What does LRN do to the test accuracy?",
        "VGG-11，其中一个在第一个卷积后加上 LRN。LRN 对测试准确率有何影响？",
    ),
    options=(
        Text("it helps clearly", "明显提高"),
        Text("nothing that one sees", "看不出影响"),
        Text("it harms clearly", "明显降低"),
    ),
    claimed=1,
    arms=tuple(
        arm(name, title, "vgg-11-d2l", VGG_RECIPE, lrn=has, **VGG)
        for name, has, title in (
            ("without", False, Text("without LRN", "无 LRN")),
            ("lrn", True, Text("with LRN", "有 LRN")),
        )
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: abs(accuracy["lrn"] - accuracy["without"]) < 0.02,
    rule=Text(
        "holds if the test accuracies differ by less than 2 points",
        "若测试准确率相差不到 2 个百分点，则成立",
    ),
    why=Text(
        "LRN divides an answer by those of the channels beside it, so that strong answers push "
        "weak ones down. The weights learn to do what is needed of that by themselves.",
        "LRN 用相邻通道的响应去除某一通道的响应，使强响应压低弱响应。"
        "其中有用的部分，权重自己就能学会。",
    ),
    limits=Text(
        "One LRN layer. With 1,000 test images a point or two may be chance.",
        "只有一个 LRN 层。1,000 张测试图像难以将一两个百分点的差别与偶然区分开。",
    ),
)

_GAP = Measure(
    Text("training accuracy minus test accuracy", "训练准确率减测试准确率"),
    lambda outcome: outcome.train_accuracy - outcome.test_accuracy,
    ".1%",
    False,
)


def _overfits_less(gap: Figures) -> bool:
    return gap["average"] < gap["fc"] - 0.01


HEAD = Experiment(
    name="head-average-or-fully-connected",
    title=Text("Global average pooling as the head", "用全局平均池化作分类头"),
    claim=Text(
        "Global average pooling in place of fully connected layers has far fewer parameters and "
        "overfits less.",
        "用全局平均池化代替全连接层，可显著减少参数量，也减轻过拟合。",
    ),
    source=Text(
        "course, NiN: “global average pooling … reduces overfitting”; Lin et al. 2013, arXiv "
        "1312.4400, section 3.2",
        "课程“NiN”：使用全局平均汇聚层代替全连接层，显著减少了参数数量，也减少了过拟合；"
        "Lin 等，2013，arXiv 1312.4400，3.2 节",
    ),
    question=Text(
        "A VGG of four convolutions is trained on 1,000 images, with either head. Which has the "
        "larger gap between training and test accuracy?",
        "用 1,000 张图像训练一个含四个卷积层的 VGG，采用两种分类头。"
        "哪种的训练与测试准确率相差更大？",
    ),
    options=(
        Text("fully connected", "全连接"),
        Text("average pooling", "平均池化"),
        Text("within a point of each other", "相差不到 1 个百分点"),
    ),
    claimed=0,
    arms=tuple(
        arm(name, title, "vgg-11-d2l", FEW, data=THOUSAND, head=name, **SHORT_VGG)
        for name, title in (
            ("fc", Text("fully connected head", "全连接分类头")),
            ("average", Text("average pooling", "全局平均池化")),
        )
    ),
    measure=_GAP,
    holds=_overfits_less,
    rule=Text(
        "holds if the gap is more than a point smaller with average pooling",
        "若平均池化的差距小 1 个百分点以上，则成立",
    ),
    why=Text(
        "Fully connected layers have most of the weights and may learn images by heart, place by "
        "place. The average of a map has no weights and no places.",
        "全连接层占去大部分权重，可以逐个位置地记住图像。特征图的平均值没有权重，也没有位置。",
    ),
    limits=Text(
        "After as many epochs the smaller network may have learnt less, and what it has not learnt "
        "it does not overfit: look at the training curves, too.",
        "训练同样的轮数，较小的网络可能学到的较少，没学到的自然不会过拟合：还应看训练曲线。",
    ),
)

DROPOUT = Experiment(
    name="dropout",
    title=Text("Dropout against overfitting", "暂退法抑制过拟合"),
    claim=Text(
        "Dropout in the fully connected layers reduces overfitting.",
        "在全连接层中使用暂退法可减轻过拟合。",
    ),
    source=Text(
        "course, AlexNet: “dropout controls the complexity of the fully connected layers”; "
        "Srivastava et al. 2014",
        "课程“AlexNet”：通过暂退法控制全连接层的模型复杂度；Srivastava 等，2014",
    ),
    question=Text(
        "A VGG of four convolutions is trained on 1,000 images, with and without dropout. What "
        "does dropout do to the test loss?",
        "用 1,000 张图像训练一个含四个卷积层的 VGG，有、无暂退法。暂退法对测试损失有何影响？",
    ),
    options=(
        Text("smaller", "变小"),
        Text("larger", "变大"),
        Text("within 5 %", "相差不到 5 %"),
    ),
    claimed=0,
    arms=tuple(
        arm(
            name,
            title,
            "vgg-11-d2l",
            FEW,
            data=THOUSAND,
            **{**SHORT_VGG, "dropout": share},
        )
        for name, share, title in (
            ("without", 0.0, Text("without dropout", "无暂退法")),
            ("dropout", 0.5, Text("dropout p = 0.5", "暂退法 p = 0.5")),
        )
    ),
    measure=Measure(Text("test loss", "测试损失"), lambda outcome: outcome.test_loss, ".3f", False),
    holds=lambda loss: loss["dropout"] < 0.95 * loss["without"],
    rule=Text(
        "holds if the test loss with dropout is more than 5 % smaller",
        "若使用暂退法时测试损失小 5 % 以上，则成立",
    ),
    why=Text(
        "Each step trains another half of the hidden units, so that none may rely on what one "
        "other has learnt by heart. In testing all are there, as the mean of many networks.",
        "每一步只训练随机的一半隐藏单元，任何单元都不能依赖另一个单元死记的内容。"
        "测试时全部单元都参与，相当于许多网络的平均。",
    ),
    limits=Text(
        "While dropout trains, training accuracy is that of half a network: compare the test "
        "curves.",
        "使用暂退法时，训练准确率是半个网络的表现：应比较测试曲线。",
    ),
)
