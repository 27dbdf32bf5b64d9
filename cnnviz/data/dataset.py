"""The data sets that a network can be trained on, and their images.

One is embedded, one is drawn and one comes with scikit-learn, so that training works offline.
The others are used where their files are; `download` is the only thing here that goes online.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from cnnviz.data.known_sets import KNOWN, Source, data_directory, published_files
from cnnviz.data.published import PUBLISHED, fetch
from cnnviz.data.readers import FOLDER_SIZE, DataError, reading_folder, subfolders
from cnnviz.data.variants import MARK, variant
from cnnviz.gradual import Gradual, finish
from cnnviz.text import Text, joined, nearest


@dataclass(frozen=True)
class Data:
    """The images of a data set.

    Args:
        train_images, test_images: uint8 (N, C, H, W), 0 to 255.
        train_labels, test_labels: int64 (N,), the number of each image's class.
        classes: the name of each class.
        skipped: pictures of a folder that were too large, unreadable or too many.
    """

    name: str
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: tuple[Text, ...]
    skipped: int = 0


def sources() -> dict[str, Source]:
    """Every data set that can be used here, by name, in the order to show."""
    present = [
        source for source in KNOWN if source.name not in PUBLISHED or published_files(source.name)
    ]
    present += [_folder_source(folder) for folder in subfolders(data_directory() / "folders")]
    return {source.name: source for source in present}


def missing() -> dict[str, Text]:
    """The known data sets whose files are not here, each with a sentence on how to get them."""
    return {
        source.name: _how_to_get(source)
        for source in KNOWN
        if source.name in PUBLISHED and not published_files(source.name)
    }


def known(name: str) -> Source:
    """One of the published data sets, whether or not its files are here."""
    return next(source for source in KNOWN if source.name == name)


def find(name: str) -> Source:
    """The data set called `name`, or a variant of one: NAME~first-500 (`cnnviz.data.variants`).

    Raises:
        DataError: there is no such data set or variant, or its files are not here.
    """
    name, mark, changed = name.partition(MARK)
    # a name is only looked up among the sets found, so that it cannot lead out of the directory
    here = sources()
    if name not in here:
        raise DataError(missing().get(name) or _unknown(name, list(here)))
    return variant(here[name], changed) if mark else here[name]


def load(name: str) -> Data:
    """The images of the data set called `name`.

    Raises:
        DataError: there is no such data set, its files are not here, or they are damaged.
    """
    return finish(loading(name))


def loading(name: str) -> Gradual[Data]:
    """As `load`; tells how many pictures of a folder are read of all."""
    source = find(name)
    arrays = yield from source.read()
    return Data(
        name=name,
        train_images=torch.tensor(arrays.train_images),
        train_labels=torch.tensor(arrays.train_labels, dtype=torch.int64),
        test_images=torch.tensor(arrays.test_images),
        test_labels=torch.tensor(arrays.test_labels, dtype=torch.int64),
        classes=source.labels,
        skipped=arrays.skipped,
    )


def download(name: str, progress: Callable[[int, int], None]) -> None:
    """Get one of `PUBLISHED` from the internet into the data directory; ask the user before.

    Args:
        progress: called with the bytes so far and in all; raises to stop the download.

    Raises:
        DataError: it is not one that can be downloaded, no mirror has it, or it cannot be written.
    """
    if name not in PUBLISHED:
        raise DataError(_unknown(name, list(PUBLISHED)))
    fetch(PUBLISHED[name], data_directory() / name, progress)


def _folder_source(folder: Path) -> Source:
    labels = tuple(Text(path.name, path.name) for path in subfolders(folder))
    help = Text(
        "Pictures on this server, in {classes} classes, scaled to {size}×{size} px; whose they "
        "are, its administrator knows.",
        "本服务器上的图片，共 {classes} 类，缩放到 {size}×{size} 像素；版权归属请询问管理员。",
    )
    return Source(
        name=f"folder:{folder.name}",
        title=Text(folder.name, folder.name),
        help=help.format(classes=len(labels), size=FOLDER_SIZE),
        channels=3,
        size=FOLDER_SIZE,
        labels=labels,
        read=partial(reading_folder, folder),
    )


def _how_to_get(source: Source) -> Text:
    published = PUBLISHED[source.name]
    message = Text(
        "{title}: the files are not on this machine. Put {files}, plain or .gz, into "
        "{folder}{package}.",
        "{title}：本机没有相应文件。请将 {files}（原文件或 .gz）放入 {folder}{package}。",
    )
    package = Text(
        ", or on Debian: apt-get install dataset-fashion-mnist",
        "，或在 Debian 上运行 apt-get install dataset-fashion-mnist",
    )
    return message.format(
        title=source.title,
        files=joined(published.files),
        folder=data_directory() / source.name,
        package=package if published.system_folders else "",
    )


def _unknown(name: str, known: list[str]) -> Text:
    message = Text(
        "{name!r} is not a data set here; the nearest are {close}.",
        "这里没有名为 {name!r} 的数据集；最接近的有 {close}。",
    )
    return message.format(name=name[:60], close=nearest(name, known))
