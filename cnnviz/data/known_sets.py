"""The known data sets: one embedded, one drawn, one of scikit-learn's, and three published ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from cnnviz.config import config
from cnnviz.data import shapes
from cnnviz.data.published import EMBEDDED, PUBLISHED
from cnnviz.data.readers import Arrays, grey, read_cifar, read_idx, read_npz
from cnnviz.gradual import Gradual, at_once
from cnnviz.text import Text

EMBEDDED_SHA256 = "810adde9f2ceb6fe481ee7f537432e9b698e508fdd106d92928a320880115026"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data set that can be chosen.

    Args:
        help: one sentence on what it is, how many images it has, and its licence.
        channels, size: of an image; size is its height and width in px.
        labels: the name of each class.
        read: reads the images, and tells how far it is.
    """

    name: str
    title: Text
    help: Text
    channels: int
    size: int
    labels: tuple[Text, ...]
    read: Callable[[], Gradual[Arrays]] = field(repr=False, compare=False)

    @property
    def classes(self) -> int:
        return len(self.labels)


def data_directory() -> Path:
    """The folder of the data sets: the administrator's setting, else beside the jobs."""
    return config().datasets or config().data / "datasets"


def published_files(name: str) -> dict[str, Path]:
    """The files of a published data set by name; empty where they are not all here."""
    return PUBLISHED[name].find(data_directory() / name)


def _read_idx_set(name: str) -> Arrays:
    paths = published_files(name)
    return grey(*(read_idx(paths[file], sha256) for file, sha256 in PUBLISHED[name].files.items()))


def _read_cifar_set() -> Arrays:
    paths = published_files("cifar-10")
    batches = [
        read_cifar(paths[file], sha256) for file, sha256 in PUBLISHED["cifar-10"].files.items()
    ]
    images, labels = zip(*batches, strict=True)
    return Arrays(np.concatenate(images[:-1]), np.concatenate(labels[:-1]), images[-1], labels[-1])


def _read_shapes() -> Arrays:
    return Arrays(*shapes.draw(2000, seed=0), *shapes.draw(500, seed=1))


def _read_digits() -> Arrays:
    from sklearn.datasets import load_digits  # noqa: PLC0415  (takes a second to import)
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    digits = load_digits()
    images = (digits.images * (255 / 16)).round().astype(np.uint8)
    train, test, train_labels, test_labels = train_test_split(
        images, digits.target, train_size=1500, stratify=digits.target, random_state=0
    )
    return grey(train, train_labels, test, test_labels)


_CLOTHES = (
    Text("T-shirt/top", "T恤/上衣"),
    Text("Trouser", "裤子"),
    Text("Pullover", "套头衫"),
    Text("Dress", "连衣裙"),
    Text("Coat", "外套"),
    Text("Sandal", "凉鞋"),
    Text("Shirt", "衬衫"),
    Text("Sneaker", "运动鞋"),
    Text("Bag", "包"),
    Text("Ankle boot", "短靴"),
)
_THINGS = (
    Text("airplane", "飞机"),
    Text("automobile", "汽车"),
    Text("bird", "鸟"),
    Text("cat", "猫"),
    Text("deer", "鹿"),
    Text("dog", "狗"),
    Text("frog", "青蛙"),
    Text("horse", "马"),
    Text("ship", "船"),
    Text("truck", "卡车"),
)
_DIGITS = tuple(Text(digit, digit) for digit in "0123456789")

KNOWN = (
    Source(
        name="fashion-mnist-6k",
        title=Text("Fashion-MNIST, 6,000 images", "Fashion-MNIST，6,000 张"),
        help=Text(
            "Clothes from a shop, grey: 6,000 training and 1,000 test images, a balanced part of "
            "Fashion-MNIST, embedded in the app; MIT licence, Zalando SE.",
            "灰度服装图像：训练 6,000 张，测试 1,000 张，是 Fashion-MNIST 的类别均衡子集，"
            "随应用提供；MIT 许可，Zalando SE。",
        ),
        channels=1,
        size=28,
        labels=_CLOTHES,
        read=partial(at_once, read_npz, EMBEDDED / "fashion-mnist-6000-1000.npz", EMBEDDED_SHA256),
    ),
    Source(
        name="fashion-mnist",
        title=Text("Fashion-MNIST, all 60,000 images", "Fashion-MNIST，全部 60,000 张"),
        help=Text(
            "Clothes from a shop, grey: 60,000 training and 10,000 test images; MIT licence, "
            "Zalando SE.",
            "灰度服装图像：训练 60,000 张，测试 10,000 张；MIT 许可，Zalando SE。",
        ),
        channels=1,
        size=28,
        labels=_CLOTHES,
        read=partial(at_once, _read_idx_set, "fashion-mnist"),
    ),
    Source(
        name="mnist",
        title=Text("MNIST digits", "MNIST 手写数字"),
        help=Text(
            "Handwritten digits, grey: 60,000 training and 10,000 test images; CC BY-SA 3.0, "
            "Y. LeCun and C. Cortes.",
            "灰度手写数字：训练 60,000 张，测试 10,000 张；CC BY-SA 3.0，Y. LeCun 与 C. Cortes。",
        ),
        channels=1,
        size=28,
        labels=_DIGITS,
        read=partial(at_once, _read_idx_set, "mnist"),
    ),
    Source(
        name="cifar-10",
        title=Text("CIFAR-10 photos", "CIFAR-10 照片"),
        help=Text(
            "Small colour photos of animals and vehicles: 50,000 training and 10,000 test images; "
            "no licence is stated, please cite A. Krizhevsky (2009).",
            "动物与交通工具的小幅彩色照片：训练 50,000 张，测试 10,000 张；"
            "未注明许可，请引用 A. Krizhevsky（2009）。",
        ),
        channels=3,
        size=32,
        labels=_THINGS,
        read=partial(at_once, _read_cifar_set),
    ),
    Source(
        name="shapes",
        title=Text("Drawn shapes", "绘制的形状"),
        help=Text(
            "Shapes and textures in random colours, drawn by the app: 2,000 training and 500 test "
            "images; no rights reserved.",
            "由应用绘制的随机颜色的形状与纹理：训练 2,000 张，测试 500 张；不保留任何权利。",
        ),
        channels=3,
        size=64,
        labels=tuple(label for label, _ in shapes.SHAPES),
        read=partial(at_once, _read_shapes),
    ),
    Source(
        name="digits",
        title=Text("Tiny digits", "微型手写数字"),
        help=Text(
            "Handwritten digits of 8×8 px that come with scikit-learn: 1,500 training and 297 "
            "test images; CC BY 4.0, E. Alpaydin and C. Kaynak.",
            "scikit-learn 自带的 8×8 像素手写数字：训练 1,500 张，测试 297 张；"
            "CC BY 4.0，E. Alpaydin 与 C. Kaynak。",
        ),
        channels=1,
        size=8,
        labels=_DIGITS,
        read=partial(at_once, _read_digits),
    ),
)
