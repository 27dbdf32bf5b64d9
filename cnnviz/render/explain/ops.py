"""What each op does, by its name; convolutions and poolings to a size by their settings."""

from cnnviz.text import Text

OPS = {
    "batch_norm": Text(
        "Gives each of the {channels} channels mean 0 and variance 1 over the batch, then a scale "
        "and a shift that are learned.",
        "将 {channels} 个通道各自在批量上规范为均值 0、方差 1，再作可学习的缩放与平移。",
    ),
    "relu": Text("Keeps positive values and sets negative ones to zero.", "正值保留，负值置零。"),
    "relu6": Text(
        "Keeps values from 0 to 6; smaller ones become 0, larger ones 6.",
        "保留 0 到 6 之间的值；更小的置 0，更大的置 6。",
    ),
    "elu": Text(
        "Keeps positive values; a negative x becomes e^x − 1, which flattens towards −1.",
        "正值保留；负值 x 变为 e^x − 1，逐渐趋于 −1。",
    ),
    "sigmoid": Text(
        "Squashes every value into (0, 1); flat at both ends, where gradients vanish.",
        "把每个值压缩到 (0, 1)；两端平缓，梯度在那里消失。",
    ),
    "tanh": Text("Squashes every value into (−1, 1).", "把每个值压缩到 (−1, 1)。"),
    "max_pool2d": Text(
        "Keeps the largest value of each {kernel} window.", "取每个 {kernel} 窗口中的最大值。"
    ),
    "avg_pool2d": Text(
        "Takes the mean, or the sum, of each {kernel} window.",
        "取每个 {kernel} 窗口的平均值（或和）。",
    ),
    "adaptive_avg_pool2d": Text(
        "Takes the mean of each whole map: one number per channel.",
        "对每个特征图整体求平均：每个通道一个数。",
    ),
    "local_response_norm": Text(
        "Divides each value by (k + α·Σx²)^β, the sum over the same pixel of five neighbouring "
        "channels: a strong response weakens those beside it.",
        "每个值除以 (k + α·Σx²)^β，求和范围是同一像素上相邻的五个通道：强响应会抑制旁边的通道。",
    ),
    "add": Text(
        "Adds its inputs element by element; their shapes are equal.",
        "逐元素相加，各输入形状相同。",
    ),
    "mul": Text(
        "Multiplies element by element, by one number or by a second input; a smaller one is "
        "repeated to the other's size.",
        "逐元素相乘，乘以一个数或另一个输入；较小的输入扩展到另一个的大小（广播）。",
    ),
    "cat": Text(
        "Puts the channels of its inputs side by side: {sum} = {channels}. Nothing is computed.",
        "把各输入的通道并排拼接：{sum} = {channels}；不做计算。",
    ),
    "channel_shuffle": Text(
        "Deals the channels of each of the {groups} groups out in turn, so that every group of the "
        "next layer has channels of all. Nothing is computed.",
        "把 {groups} 组的通道轮流取出重新排列，下一层的每一组都含有各组的通道；不做计算。",
    ),
    "chunk": Text(
        "Cuts the {inputs} channels into equal parts. Nothing is computed.",
        "把 {inputs} 个通道分成相等的几份；不做计算。",
    ),
    "flatten": Text(
        "Writes the maps as one vector of {channels} numbers.",
        "把特征图排成一个含 {channels} 个数的向量。",
    ),
    "linear": Text(
        "Fully connected: each of {channels} outputs is a weighted sum of all {inputs} inputs.",
        "全连接：{channels} 个输出中的每一个都是全部 {inputs} 个输入的加权和。",
    ),
    "index_select": Text(
        "Picks, for each output map, the input maps that the connection table names.",
        "按连接表为每个输出特征图选取输入特征图。",
    ),
    "addcmul": Text(
        "Multiplies each map by one learned weight and adds one learned bias.",
        "每个特征图乘以一个可学习的权重，再加一个可学习的偏置。",
    ),
}
CONVOLUTION = Text(
    "Slides {channels} filters of {kernel}×{depth} over the map; each output channel looks at "
    "{depth} input channels.",
    "用 {channels} 个 {kernel}×{depth} 的滤波器在特征图上滑动；"
    "每个输出通道读取 {depth} 个输入通道。",
)
POOL_TO_SIZE = Text(
    "Takes means over as many windows as it needs to make each map {size}, whatever the image.",
    "无论图像多大，都分窗口求平均，使每个特征图变为 {size}。",
)
DEPTHWISE = Text(
    "One {kernel} filter for each of {inputs} channels; channels do not mix: 1/{inputs} of the "
    "operations of a full convolution.",
    "{inputs} 个通道各用一个 {kernel} 滤波器，通道之间不混合：运算量为普通卷积的 1/{inputs}。",
)
