"""The lab on LeNet-5 and its images."""

from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.labs.lenet.settings import AUGMENT, CODES, COUNTS, GALLERY, TABLE, LenetSettings
from cnnviz.labs.lenet.tables import augmentation, counts, gallery, rbf, table
from cnnviz.text import Text

LAB = Lab(
    name="lenet",
    title=Text("LeNet-5", "LeNet-5 网络"),
    lead=Text(
        "The network of 1998 by its own tables, and the images that networks learn from.",
        "用 1998 年那篇论文自己的表格来看 LeNet-5，以及网络所学的图像。",
    ),
    goals=(
        Text(
            "Read the table of C3, and count its parameters from it.",
            "读懂 C3 的连接表，并由它算出参数量。",
        ),
        Text("Tell connections from parameters.", "区分连接数与参数量。"),
        Text(
            "Say what an augmentation changes in an image, and what has to stay.",
            "说明数据增强改变图像的什么、必须保留什么。",
        ),
    ),
    settings=LenetSettings,
    sections=(
        Section(TABLE, table),
        Section(COUNTS, counts),
        Section(
            CODES,
            rbf,
            (
                Try(
                    Text(
                        "Flip ten pixels: still nearest to itself.",
                        "翻转十个像素：最近的仍是它自己。",
                    ),
                    {"flipped": 10},
                ),
                Try(
                    Text(
                        "Flip all 84: the farthest there is, 336.", "翻转全部 84 个：最远，为 336。"
                    ),
                    {"flipped": 84},
                ),
            ),
        ),
        Section(
            AUGMENT,
            augmentation,
            (
                Try(Text("Colours shift.", "改变颜色。"), {"augmented": "shapes", "colour": True}),
                Try(
                    Text(
                        "A flipped digit is no digit any more: do not flip digits.",
                        "翻转后的数字不再是数字：数字不宜翻转。",
                    ),
                    {"augmented": "digits", "which": 3},
                ),
            ),
        ),
        Section(GALLERY, gallery),
    ),
    places=(
        Place(
            Text("LeNet-5's C3 in the layer graph", "网络结构图中 LeNet-5 的 C3"),
            "lenet-5",
            {"at": "C3"},
        ),
        Place(
            Text("C3 reading all maps", "C3 读取全部特征图"), "lenet-5", {"connections_c3": "full"}
        ),
        Place(Text("The course's LeNet", "教材中的 LeNet"), "lenet-d2l"),
    ),
    sources="LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition, table 1 "
    "and section II",
    experiments=("images-augmentation", "images-number"),
)
