"""Experiments on the images: how many, augmented, or with their pixels shuffled."""

from itertools import pairwise

from cnnviz.experiments.experiment import TEST_ACCURACY, Experiment
from cnnviz.experiments.small import arm, residual
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe

COUNTS = (100, 600, 6000)
_STEPS, _BATCH = 360, 50
_LENET = {"activation": "relu", "pooling": "max"}
_SET = "fashion-mnist-6k"

NUMBER = Experiment(
    name="images-number",
    title=Text("Accuracy and the number of images", "准确率与训练图像数"),
    claim=Text(
        "A network needs many labelled images: with more of them, test accuracy rises.",
        "深度网络需要大量有标签的数据：训练图像越多，测试准确率越高。",
    ),
    source=Text(
        "course, AlexNet: data, one of the two causes of the breakthrough",
        "课程“AlexNet”：突破的两个原因之一，数据",
    ),
    question=Text(
        "LeNet takes 360 steps on 100, on 600 and on 6,000 images. What does each larger number "
        "do to its test accuracy?",
        "LeNet 分别用 100、600 和 6,000 张图像各训练 360 步。图像数每次增加，测试准确率如何变化？",
    ),
    options=(
        Text("nothing: the steps are the same", "不变：步数相同"),
        Text("it rises each time", "每次都提高"),
        Text("it rises once, and then no more", "只提高一次，之后不再变化"),
        Text("less accuracy: too much to learn", "反而降低：要学的太多"),
    ),
    claimed=1,
    arms=tuple(
        arm(
            f"{count}",
            Text(f"{count:,} images", f"{count:,} 张图像"),
            "lenet-d2l",
            Recipe(
                epochs=_STEPS * _BATCH // count,
                images=count,
                batch_size=_BATCH,
                learning_rate=0.05,
            ),
            data=f"{_SET}~first-{count}",
            **_LENET,
        )
        for count in COUNTS
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: all(
        accuracy[f"{less}"] < accuracy[f"{more}"] for less, more in pairwise(COUNTS)
    ),
    rule=Text(
        "holds if each larger number of images gives a better test accuracy",
        "若图像数每次增加，测试准确率都提高，则成立",
    ),
    why=Text(
        "With few images, what they have in common by chance is learnt along with what the classes "
        "are. More images leave less to chance.",
        "图像很少时，网络会把偶然的共同点与类别特征一起学去。图像越多，偶然性越小。",
    ),
    limits=Text(
        "One network of 62,000 parameters. How much a larger network gains from more images is "
        "not seen here.",
        "只有一个 6.2 万参数的网络。更大的网络能从更多图像中获益多少，这里看不到。",
    ),
)

AUGMENTATION = Experiment(
    name="images-augmentation",
    title=Text("Augmentation", "数据增强"),
    claim=Text(
        "Images that are mirrored and shifted at random are worth more images: test accuracy rises "
        "where there are few.",
        "随机翻转和平移图像相当于增加图像数：在图像较少时，测试准确率提高。",
    ),
    source=Text(
        "course, AlexNet: flips, crops and colours; Krizhevsky et al. 2012, section 4.1",
        "课程“AlexNet”：翻转、裁切和变色等图像增强；Krizhevsky 等，2012，4.1 节",
    ),
    question=Text(
        "LeNet is trained on 500 images, as they are and augmented. Which test accuracy is better?",
        "用 500 张图像训练 LeNet，一次用原图，一次用增强后的图像。哪次的测试准确率更高？",
    ),
    options=(
        Text("augmented", "使用增强"),
        Text("as they are", "使用原图"),
        Text("within a point of each other", "相差不到 1 个百分点"),
    ),
    claimed=0,
    arms=tuple(
        arm(
            name,
            title,
            "lenet-d2l",
            Recipe(
                epochs=90,
                images=500,
                batch_size=50,
                learning_rate=0.05,
                flip=changed,
                crop=changed,
            ),
            data=f"{_SET}~first-500",
            **_LENET,
        )
        for name, changed, title in (
            ("plain", False, Text("as they are", "原图")),
            ("augmented", True, Text("flip and crop", "翻转与裁剪")),
        )
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: accuracy["augmented"] > accuracy["plain"] + 0.01,
    rule=Text(
        "holds if augmentation is more than a point better in test accuracy",
        "若使用数据增强时测试准确率高出 1 个百分点以上，则成立",
    ),
    why=Text(
        "No image is seen twice in the same way, so it cannot be learnt by heart, and the network "
        "is told what does not change a class: left and right, and a few pixels.",
        "没有一张图像以同样的样子出现两次，因此无法死记；网络还由此得知哪些变化不影响类别："
        "左右翻转，以及几个像素的平移。",
    ),
    limits=Text(
        "Augmented images are harder, so training accuracy is lower. A mirrored digit is another "
        "sign: what may be changed depends on the images.",
        "增强后的图像更难，因此训练准确率更低。左右翻转的数字不再是原来的数字："
        "可以做哪些变化取决于图像。",
    ),
)

_ORDERS = (
    ("images", _SET, Text("images as they are", "原图")),
    ("shuffled", f"{_SET}~shuffled", Text("pixels shuffled", "打乱像素")),
)
_THREE = Recipe(epochs=3, images=3000, batch_size=50, learning_rate=0.05)

SHUFFLED = Experiment(
    name="images-shuffled-pixels",
    title=Text("Shuffled pixels: the inductive bias", "打乱像素：归纳偏置"),
    claim=Text(
        "A convolutional network assumes that pixels near each other belong together. Where that "
        "is not so, it generalises worse.",
        "卷积网络假设相邻的像素彼此相关（局部性）。若假设不成立，泛化能力会变差。",
    ),
    source=Text(
        "course, from fully connected layers to convolutions: inductive bias",
        "课程“从全连接层到卷积”：归纳偏置，若假设不成立则效果变差",
    ),
    question=Text(
        "The pixels of all images, training and test, are put into one and the same wrong order. "
        "What happens to the test accuracy of a residual network?",
        "将全部训练和测试图像的像素按同一种错误的顺序打乱。残差网络的测试准确率会怎样？",
    ),
    options=(
        Text("the same: nothing is lost", "不变：信息并未丢失"),
        Text("some points less", "下降几个百分点以上"),
        Text("as good as guessing", "如同随机猜测"),
    ),
    claimed=1,
    arms=(
        *(
            residual(
                f"resnet-{name}",
                Text(f"residual network, {title.en}", f"残差网络，{title.zh}"),
                "resnet-20",
                _THREE,
                data=data,
                image_size=28,
                depths=(1, 1, 1),
            )
            for name, data, title in _ORDERS
        ),
        *(
            arm(
                f"lenet-{name}",
                Text(f"LeNet, {title.en}", f"LeNet，{title.zh}"),
                "lenet-d2l",
                _THREE,
                data=data,
                **_LENET,
            )
            for name, data, title in _ORDERS
        ),
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: 0.2 < accuracy["resnet-shuffled"] < accuracy["resnet-images"] - 0.03,
    rule=Text(
        "holds if shuffled pixels cost the residual network more than 3 points of test accuracy, "
        "and it is still better than guessing",
        "若打乱像素使残差网络的测试准确率下降 3 个百分点以上，但仍优于随机猜测，则成立",
    ),
    why=Text(
        "A convolution looks at neighbours with the same weights everywhere; among shuffled "
        "pixels, neighbours have nothing to do with each other. But padding and strides tell "
        "places apart, fully connected layers have weights of their own for each, and many clothes "
        "differ in how much of them is bright: how much the neighbours were needed is what the "
        "figures say.",
        "卷积在各处用相同的权重观察邻域；像素打乱之后，邻域内的像素互不相关。但填充与步幅能区分位置，"
        "全连接层对每个位置有各自的权重，许多衣物仅凭明亮部分的多少就能区分："
        "邻域究竟有多重要，由上面的数值说明。",
    ),
    limits=Text(
        "Three epochs on simple images. A network without any convolution, which would not notice "
        "at all, is not in the zoo.",
        "只在简单的图像上训练三轮。完全没有卷积、因而毫无察觉的网络不在架构库中。",
    ),
)
