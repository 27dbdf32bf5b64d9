"""The lab on convolution."""

from cnnviz.labs.convolution.channels import channels, pointwise
from cnnviz.labs.convolution.series import sound, words
from cnnviz.labs.convolution.settings import (
    CHANNELS,
    POINTWISE,
    SIZE,
    SOUND,
    WINDOWS,
    WORDS,
    ConvolutionSettings,
)
from cnnviz.labs.convolution.steps import size, step_by_step
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="convolution",
    title=Text("Convolution", "卷积"),
    lead=Text(
        "A small kernel slides over an image; at each place it multiplies and adds. Everything "
        "else, padding, stride, channels, is about which numbers it meets.",
        "一个小的卷积核在图像上滑动，在每个位置上相乘再相加。填充、步幅、通道等，都只决定它遇到哪些数。",
    ),
    goals=(
        Text(
            "Compute a value of the output by hand, and say what flipping the kernel changes.",
            "手算输出中的一个值，并说出翻转卷积核带来的区别。",
        ),
        Text("Give the output's size from n, k, p, s and d.", "由 n、k、p、s、d 求输出的尺寸。"),
        Text(
            "Say how channels are summed, and why a 1×1 is a matrix product at each pixel.",
            "说明多个通道如何求和，以及 1×1 为何是逐像素的矩阵乘法。",
        ),
    ),
    settings=ConvolutionSettings,
    sections=(
        Section(
            WINDOWS,
            step_by_step,
            (
                Try(
                    Text(
                        "Flip the kernel: 5 11 23 29. A text of the course prints 24 for the last; "
                        "4·3 + 5·2 + 7·1 + 8·0 = 29.",
                        "翻转卷积核：5 11 23 29。教材中最后一个数印成 24；实为 4·3 + 5·2 + 7·1 + "
                        "8·0 = 29。",
                    ),
                    {"flipped": True, "step": 4},
                ),
                Try(
                    Text(
                        "A 3×3 kernel with padding 1 keeps the size.",
                        "3×3 卷积核配填充 1，尺寸不变。",
                    ),
                    {"kernel": "0,0,0_0,1,0_0,0,0", "padding": 1},
                ),
                Try(
                    Text(
                        "5×5 and 2×2 with stride 3: 2×2 is left.",
                        "5×5 输入、2×2 卷积核、步幅 3：得到 2×2。",
                    ),
                    {
                        "image": "1,0,0,2,0_0,1,0,0,2_0,0,1,0,0_3,0,0,1,0_0,3,0,0,1",
                        "kernel": "1,0_0,1",
                        "stride": 3,
                    },
                ),
                Try(
                    Text(
                        "Dilation 2: the same four weights reach over 3×3.",
                        "空洞率 2：同样四个权重跨越 3×3。",
                    ),
                    {"image": "0,1,2,3_4,5,6,7_8,9,10,11_12,13,14,15", "dilation": 2},
                ),
            ),
        ),
        Section(
            SIZE,
            size,
            (
                Try(
                    Text(
                        "AlexNet's first layer: 224, 11, 2, 4 → 55.",
                        "AlexNet 的第一层：224、11、2、4 → 55。",
                    ),
                    {"size_n": 224, "size_k": 11, "size_p": 2, "size_s": 4},
                ),
                Try(
                    Text(
                        "ResNet's first layer: 224, 7, 3, 2 → 112.",
                        "ResNet 的第一层：224、7、3、2 → 112。",
                    ),
                    {"size_n": 224, "size_k": 7, "size_p": 3, "size_s": 2},
                ),
                Try(
                    Text(
                        "LeNet's first layer: 32, 5, 0, 1 → 28.",
                        "LeNet 的第一层：32、5、0、1 → 28。",
                    ),
                    {"size_n": 32, "size_k": 5, "size_p": 0, "size_s": 1},
                ),
            ),
        ),
        Section(
            CHANNELS,
            channels,
            (
                Try(
                    Text(
                        "Set channel 2's kernel to zeros: only channel 1 is left, 19 25 37 43.",
                        "把通道 2 的卷积核设为零：只剩通道 1 的 19 25 37 43。",
                    ),
                    {"kernel_2": "0,0_0,0", "outputs": 1},
                ),
            ),
        ),
        Section(
            POINTWISE,
            pointwise,
            (
                Try(
                    Text("Weights that swap two channels.", "交换两个通道的权重。"),
                    {"pixels": "1,2,3,4_5,6,7,8", "weights": "0,1_1,0"},
                ),
                Try(
                    Text("Grey from red, green and blue.", "由红、绿、蓝得到灰度。"),
                    {
                        "pixels": "255,0,0,255_0,255,0,255_0,0,255,255",
                        "weights": "0.299,0.587,0.114",
                    },
                ),
            ),
        ),
        Section(
            SOUND,
            sound,
            (
                Try(
                    Text("1 −1: the slow tone almost vanishes.", "1 −1：慢的音几乎消失。"),
                    {"filter": "1,-1"},
                ),
                Try(
                    Text(
                        "The mean of two is deaf to the fastest tones.",
                        "两点平均听不见最快的音。",
                    ),
                    {"filter": "0.5,0.5", "high": 31},
                ),
            ),
        ),
        Section(
            WORDS,
            words,
            (
                Try(
                    Text("A sentence in Chinese.", "换一个中文句子。"),
                    {"sentence": "我 爱 深 度 学 习 你 也 爱 学 习", "pattern": "爱 学 习"},
                ),
                Try(
                    Text("The words turned round: nowhere whole.", "词序颠倒：没有一处完全吻合。"),
                    {"pattern": "cat the"},
                ),
            ),
        ),
    ),
    places=(
        Place(
            Text(
                "LeNet-5's C1: 6 kernels of 5×5 over one channel",
                "LeNet-5 的 C1：在一个通道上的 6 个 5×5 卷积核",
            ),
            "lenet-5",
            {"at": "C1.conv"},
        ),
        Place(
            Text("AlexNet's first layer: 11×11 with stride 4", "AlexNet 的第一层：11×11，步幅 4"),
            "alexnet-2012",
        ),
        Place(
            Text(
                "A 1×1 from 256 to 512 channels on a ResNet's shortcut",
                "ResNet 捷径上从 256 到 512 个通道的 1×1 卷积",
            ),
            "resnet-18",
            {"at": "stage4.block1.shortcut.conv"},
        ),
        Place(
            Text("NiN: 1×1 after every convolution", "NiN：每个卷积层之后的 1×1 卷积"), "nin-d2l"
        ),
    ),
    sources="Zhang et al., Dive into Deep Learning, chapter 6; torch.nn.Conv2d for the size",
)
