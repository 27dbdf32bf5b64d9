"""Networks that stand beside each other in a course, each set one click away."""

from cnnviz.families import Preset, Spec
from cnnviz.text import Text
from cnnviz.zoo import PRESETS

SETS: dict[Text, tuple[str, ...]] = {
    Text("LeNet and AlexNet", "LeNet 与 AlexNet"): ("lenet-5", "alexnet-2012"),
    Text("AlexNet's three forms", "AlexNet 的三种形式"): (
        *("alexnet-2012", "alexnet-d2l", "alexnet-torchvision"),
    ),
    Text("VGG, A to E (table 6.1)", "VGG 的 A 至 E（表 6.1）"): (
        *("vgg-a", "vgg-a-lrn", "vgg-b", "vgg-c", "vgg-d", "vgg-e"),
    ),
    Text("VGG blocks and NiN blocks", "VGG 块与 NiN 块"): ("vgg-11-d2l", "nin-d2l"),
    Text("Four generations of Inception", "四代 Inception"): (
        *("googlenet", "inception-bn", "inception-v3", "inception-v4"),
    ),
    Text("The five ResNets (table 6.3)", "五个 ResNet（表 6.3）"): (
        *("resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152"),
    ),
    Text("Plain and residual", "普通网络与残差网络"): (
        *("plain-20", "resnet-20", "plain-56", "resnet-56"),
    ),
    Text("Basic blocks and bottlenecks", "基本块与瓶颈块"): ("resnet-34", "resnet-50"),
    Text("ResNet, ResNeXt and SENet", "ResNet、ResNeXt 与 SENet"): (
        *("resnet-50", "resnext-50-32x4d", "se-resnet-50", "se-resnext-50-32x4d"),
    ),
    Text("Wide or deep ResNets", "宽与深的 ResNet"): (
        *("resnet-50:stride_on=3x3", "wide-resnet-50-2", "resnet-152:stride_on=3x3"),
    ),
    Text("The four DenseNets (table 6.4)", "四个 DenseNet（表 6.4）"): (
        *("densenet-121", "densenet-169", "densenet-201", "densenet-264"),
    ),
    Text("ResNet and DenseNet of like accuracy", "准确率相近的 ResNet 与 DenseNet"): (
        *("resnet-101:stride_on=3x3", "densenet-161"),  # as torchvision's weights were trained
    ),
    Text("ShuffleNet's groups", "ShuffleNet 的分组数"): (
        *("shufflenet-v1-g1", "shufflenet-v1-g2", "shufflenet-v1-g3", "shufflenet-v1-g4"),
        "shufflenet-v1-g8",
    ),
    Text("RegNetX and RegNetY", "RegNetX 与 RegNetY"): (
        *("regnet-x-400mf", "regnet-y-400mf", "regnet-x-1.6gf", "regnet-y-1.6gf"),
    ),
    Text("From ResNet to ConvNeXt", "从 ResNet 到 ConvNeXt"): (
        *("resnet-50:stride_on=3x3", "resnext-50-32x4d", "mobilenet-v2", "convnext-tiny"),
    ),
    Text("For small devices", "面向移动设备"): (
        *("mobilenet-v1", "mobilenet-v2", "shufflenet-v1-g3", "shufflenet-v2-x1"),
    ),
    Text("The four widths of ShuffleNet V2", "ShuffleNet V2 的四种宽度"): (
        *("shufflenet-v2-x0.5", "shufflenet-v2-x1", "shufflenet-v2-x1.5", "shufflenet-v2-x2"),
    ),
    Text("AlexNet's accuracy in fewer parameters", "以更少的参数达到 AlexNet 的准确率"): (
        *("alexnet-torchvision", "squeezenet-1-0", "squeezenet-1-1"),
    ),
    Text("The three MobileNets", "三代 MobileNet"): (
        *("mobilenet-v1", "mobilenet-v2", "mobilenet-v3-large", "mobilenet-v3-small"),
    ),
    Text("EfficientNet, B0 to B7", "EfficientNet 的 B0 至 B7"): (
        *("efficientnet-b0", "efficientnet-b1", "efficientnet-b3", "efficientnet-b5"),
        "efficientnet-b7",
    ),
    Text("Depthwise or full at first: EfficientNet and V2", "先用逐通道还是普通卷积"): (
        *("efficientnet-b4", "efficientnet-v2-s", "efficientnet-v2-s:fused_stages=0"),
    ),
    Text(
        "Wider, deeper, a larger image, or all three",
        "加宽、加深、增大图像，或三者同时",
    ): (
        *("efficientnet-b0", "efficientnet-b0:width_multiplier=2.0"),
        *("efficientnet-b0:depth_multiplier=4.0", "efficientnet-b0:image_size=448"),
        "efficientnet-b3",
    ),
}


def networks(names: tuple[str, ...]) -> list[tuple[Preset, Spec]]:
    """The presets of a set as slots take them; a knob stands after a colon."""
    parts = (name.partition(":") for name in names)
    return [
        (PRESETS[preset], PRESETS[preset].spec.turn_typed(filter(None, [knob])))
        for preset, _, knob in parts
    ]
