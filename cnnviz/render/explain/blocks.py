"""What each block of the zoo does, by the name of its class."""

from cnnviz.text import Text

BLOCKS = {
    "VGGBlock": Text(
        "Convolutions that keep the size, each with ReLU, then pooling that halves it: {inputs} "
        "channel{inputs:|s} become{inputs:s|} {channels}.",
        "若干保持尺寸的卷积，各接 ReLU，最后用池化使尺寸减半：{inputs} 个通道变为 {channels} 个。",
    ),
    "NiNBlock": Text(
        "A convolution, then 1×1 convolutions: a small network at every pixel, from {inputs} "
        "channel{inputs:|s} to {channels}.",
        "一个卷积后接若干 1×1 卷积：每个像素上的一个小网络，通道数由 {inputs} 变为 {channels}。",
    ),
    "DenseBlock": Text(
        "Every layer reads all maps before it and appends its own: {inputs} channels grow to "
        "{channels}.",
        "每一层读取之前的所有特征图，并附上自己的输出：{inputs} 个通道增至 {channels} 个。",
    ),
    "DenseLayer": Text(
        "Hₗ of the paper: turns {inputs} channels into {channels} new ones.",
        "论文中的 Hₗ：由 {inputs} 个通道算出 {channels} 个新通道。",
    ),
    "Transition": Text(
        "Between two dense blocks: a 1×1 convolution takes {inputs} channels to {channels}, "
        "average pooling halves height and width.",
        "位于两个稠密块之间：1×1 卷积把 {inputs} 个通道变为 {channels} 个，平均池化使高宽减半。",
    ),
    "Inception": Text(
        "Four branches read the same {inputs} channels with different windows; joined, they "
        "have {channels}.",
        "四条分支以不同大小的窗口读取同样的 {inputs} 个通道，拼接后为 {channels} 个。",
    ),
    "StackedInception": Text(
        "Four branches read the {inputs} channels; the third stacks two 3×3, which together see "
        "5×5. Joined, they have {channels}.",
        "四条分支读取 {inputs} 个通道；第三条叠加两个 3×3，合起来看到 5×5 的窗口。"
        "拼接后为 {channels} 个。",
    ),
    "AsymmetricInception": Text(
        "Four branches read the {inputs} channels; two see 7×7 and more, by 1×7 and 7×1 "
        "convolutions in turn unless these are whole. Joined, they have {channels}.",
        "四条分支读取 {inputs} 个通道；其中两条看到 7×7 及更大的窗口，"
        "通常由 1×7 与 7×1 卷积交替构成。拼接后为 {channels} 个。",
    ),
    "ExpandedInception": Text(
        "For the smallest maps: two of its four branches fan out at their end, so that {inputs} "
        "channels become {channels}.",
        "用于最小的特征图：四条分支中有两条在末端扩展，使 {inputs} 个通道变为 {channels} 个。",
    ),
    "GridReduction": Text(
        "Halves height and width: convolutions of stride 2 read the {inputs} channels, a pooling "
        "beside them keeps them all; joined, they are {channels}.",
        "高宽减半：步幅为 2 的卷积读取 {inputs} 个通道，并行的池化保留全部输入通道；"
        "拼接后为 {channels} 个。",
    ),
    "Branches": Text(
        "Convolutions of different shapes read the same {inputs} channels side by side; joined, "
        "they have {channels}.",
        "形状不同的卷积并行读取同样的 {inputs} 个通道，拼接后为 {channels} 个。",
    ),
    "Reduction": Text(
        "Halves height and width by strided convolutions and by max pooling side by side, so that "
        "neither alone has to; joined, {inputs} channels become {channels}.",
        "用并列的带步幅卷积和最大池化使高宽减半，不单靠其中一种；"
        "拼接后由 {inputs} 个通道变为 {channels} 个。",
    ),
    "InceptionV4A": Text(
        "Windows of 1, 3 and 5 pixels (two 3×3) and average pooling side by side: {inputs} "
        "channels in, {channels} out.",
        "1、3、5 像素的窗口（5 由两个 3×3 组成）与平均池化并列："
        "输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "InceptionV4B": Text(
        "Windows of 1, 7 and 13 pixels (two 7×7) and average pooling side by side: {inputs} "
        "channels in, {channels} out.",
        "1、7、13 像素的窗口（13 由两个 7×7 组成）与平均池化并列："
        "输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "InceptionV4C": Text(
        "For small maps: two of the four branches fork into a 1×3 and a 3×1 at their ends, which "
        "widens the block: {inputs} channels in, {channels} out.",
        "用于小特征图：四条分支中有两条在末端分叉为 1×3 和 3×1，使块更宽："
        "输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "InceptionResNetA": Text(
        "Windows of 1, 3 and 5 pixels, then a 1×1 convolution back to {channels} channels; with "
        "residual connections that is scaled down and added to the input.",
        "1、3、5 像素的窗口，再用 1×1 卷积变回 {channels} 个通道；"
        "有残差连接时，结果缩小后加到输入上。",
    ),
    "InceptionResNetB": Text(
        "Windows of 1 and 7 pixels, then a 1×1 convolution back to {channels} channels; with "
        "residual connections that is scaled down and added to the input.",
        "1 和 7 像素的窗口，再用 1×1 卷积变回 {channels} 个通道；"
        "有残差连接时，结果缩小后加到输入上。",
    ),
    "InceptionResNetC": Text(
        "Windows of 1 and 3 pixels, then a 1×1 convolution back to {channels} channels; with "
        "residual connections that is scaled down and added to the input.",
        "1 和 3 像素的窗口，再用 1×1 卷积变回 {channels} 个通道；"
        "有残差连接时，结果缩小后加到输入上。",
    ),
    "AuxiliaryHead": Text(
        "A classifier of its own on the middle of the network: in training its loss, times 0.3, "
        "sends a gradient from here; afterwards it is taken off.",
        "位于网络中部的独立分类器：训练时其损失乘 0.3，从这里传回梯度；推断时去掉。",
    ),
    "Bottleneck": Text(
        "A 1×1 convolution narrows {inputs} channels, a 3×3 works on the narrow maps, a 1×1 widens "
        "them to {channels}; the input is added, by a shortcut that fits its shape.",
        "1×1 卷积减少 {inputs} 个通道，3×3 卷积处理变窄的特征图，1×1 卷积再扩展为 {channels} 个；"
        "最后加上由捷径送来的输入。",
    ),
    "ConvNeXtBlock": Text(
        "A convolution with a window and two 1×1, the first of which widens; {inputs} channels in, "
        "{channels} out. The input is added.",
        "一个带窗口的卷积和两个 1×1 卷积，前一个 1×1 扩宽通道；输入 {inputs} 个通道，"
        "输出 {channels} 个。最后加上输入。",
    ),
    "LayerNorm2d": Text(
        "Layer norm over the {channels} channels of each pixel, which takes them to the last axis "
        "and back.",
        "对每个像素的 {channels} 个通道作层规范化，为此把通道移到最后一维再移回。",
    ),
    "LayerScale": Text(
        "Multiplies each of {channels} channels by a number of its own, learned from next to zero.",
        "将 {channels} 个通道各乘以一个可学习的系数，初值接近零。",
    ),
    "StochasticDepth": Text(
        "Leaves the block out for some images of each training step, chosen at random; does "
        "nothing when the network is used.",
        "训练时对每批中随机选出的部分图像跳过这个块；使用网络时不起作用。",
    ),
    "Downsampling": Text(
        "Between two stages: a normalisation, then a 2×2 convolution of stride 2 that halves the "
        "size and takes {inputs} channels to {channels}.",
        "位于两个阶段之间：先规范化，再用步幅 2 的 2×2 卷积使尺寸减半，"
        "{inputs} 个通道变为 {channels} 个。",
    ),
    "RegNetBlock": Text(
        "A 1×1, a 3×3 in groups and a 1×1, all {channels} channels wide, without a bottleneck; the "
        "{inputs} channels of the input are added, by a shortcut that fits its shape.",
        "1×1、分组 3×3、1×1 卷积，宽度均为 {channels} 个通道，没有瓶颈；"
        "最后加上由捷径送来的输入（{inputs} 个通道）。",
    ),
    "BasicBlock": Text(
        "Adds what two 3×3 convolutions make of the input to the input itself: {inputs} channels "
        "in, {channels} out.",
        "把两个 3×3 卷积的结果加到输入上：输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "PlainBlock": Text(
        "The layers of a residual block without its shortcut: {inputs} channels in, {channels} "
        "out.",
        "与残差块的层相同，但没有捷径：输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "SeparableConv": Text(
        "A 3×3 for each of {inputs} channels, then a 1×1 that mixes them to {channels}: nearly "
        "what a full 3×3 does, with about a ninth of the weights.",
        "{inputs} 个通道各做 3×3 卷积，再用 1×1 卷积混合为 {channels} 个通道："
        "作用接近普通 3×3 卷积，权重约为九分之一。",
    ),
    "DepthwiseSeparable": Text(
        "A full 3×3 convolution in two steps: a 3×3 for each of {inputs} channels, then a 1×1 "
        "that mixes them to {channels}.",
        "把普通 3×3 卷积分成两步：{inputs} 个通道各做 3×3 卷积，"
        "再用 1×1 卷积混合为 {channels} 个通道。",
    ),
    "FullConvolution": Text(
        "One 3×3 convolution from {inputs} channels to {channels}, in place of a depthwise and a "
        "1×1 convolution.",
        "由 {inputs} 个通道到 {channels} 个通道的普通 3×3 卷积，代替逐通道卷积加 1×1 卷积。",
    ),
    "InvertedResidual": Text(
        "Widens {inputs} channels, convolves each by itself, weighs them by a gate if there is "
        "one, and narrows them to {channels}; adds the input where the shape stays.",
        "先扩张 {inputs} 个通道，再逐通道卷积，有门控时给各通道加权，最后压缩为 {channels} 个；"
        "形状不变时加上输入。",
    ),
    "MBConv": Text(
        "Widens {inputs} channels, convolves each by itself, weighs them by a gate if there is "
        "one, and narrows them to {channels}; adds the input where the shape stays.",
        "先扩张 {inputs} 个通道，再逐通道卷积，有门控时给各通道加权，最后压缩为 {channels} 个；"
        "形状不变时加上输入。",
    ),
    "FusedMBConv": Text(
        "A full 3×3 widens the {inputs} channels at once, a 1×1 narrows them to {channels}; adds "
        "the input where the shape stays.",
        "普通 3×3 卷积直接扩张 {inputs} 个通道，再用 1×1 卷积压缩为 {channels} 个；"
        "形状不变时加上输入。",
    ),
    "XceptionBlock": Text(
        "Adds what its separable convolutions make of the input to a shortcut: {inputs} channels "
        "in, {channels} out.",
        "把可分离卷积的结果加到捷径上：输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "ShuffleUnit": Text(
        "Grouped 1×1, shuffle, depthwise 3×3, grouped 1×1. Its result is added to the input or, "
        "where the size is halved, put beside it: {inputs} channels in, {channels} out.",
        "分组 1×1、混洗、逐通道 3×3、分组 1×1；结果与输入相加，尺寸减半时则与输入拼接："
        "输入 {inputs} 个通道，输出 {channels} 个。",
    ),
    "ShuffleUnitV2": Text(
        "Half of the {inputs} channels pass and three convolutions work on the other half; where "
        "the size is halved, both branches read all. Joined and shuffled: {channels}.",
        "{inputs} 个通道中一半直接通过，另一半经过三个卷积；尺寸减半时两条分支都读取全部通道。"
        "拼接并混洗后为 {channels} 个。",
    ),
    "Fire": Text(
        "A 1×1 squeezes {inputs} channels; a 1×1 and a 3×3 side by side expand them. Joined, they "
        "have {channels}.",
        "1×1 卷积压缩 {inputs} 个通道，再由并列的 1×1 与 3×3 卷积扩展；拼接后为 {channels} 个。",
    ),
    "Projection": Text(
        "Shortcut with a 1×1 convolution: brings the input's {inputs} channels to the {channels} "
        "of the sum.",
        "带 1×1 卷积的捷径：把输入的 {inputs} 个通道变为相加所需的 {channels} 个。",
    ),
    "SqueezeExcite": Text(
        "Weighs its {channels} channels: the mean of each map goes through two small layers, and "
        "each map is multiplied by the number in (0, 1) that comes out.",
        "给 {channels} 个通道加权：各特征图的平均值经过两个小层，得到 (0, 1) 内的系数，"
        "再乘回各特征图。",
    ),
    "ZeroPad": Text(
        "Shortcut without parameters: the new channels of {channels} are zero.",
        "无参数的捷径：{channels} 个通道中新增的部分为零。",
    ),
    "ConnectionTableConv": Text(
        "C3 of 1998: each of the 16 maps reads only three, four or six of the {inputs} maps.",
        "1998 年的 C3：16 个特征图各自只读取 {inputs} 个输入中的 3、4 或 6 个。",
    ),
    "TrainableSubsampling": Text(
        "Adds up each 2×2 window, times one weight, plus one bias per map.",
        "对每个 2×2 窗口求和，乘以权重再加偏置，每个特征图一组。",
    ),
    "RBF": Text(
        "Squared distance from the {inputs} features to one code per class, negated so that the "
        "nearest class has the largest output.",
        "{inputs} 个特征到各类别编码的平方距离，取负后最近的类别输出最大。",
    ),
}
ANY_BLOCK = Text(
    "{count} op{count:|s}, from {inputs} channel{inputs:|s} to {channels}.",
    "包含 {count} 个算子，通道数由 {inputs} 变为 {channels}。",
)
