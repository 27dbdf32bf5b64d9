"""Reading images from disk: published files, checked byte by byte, and folders of pictures.

Files may be hostile: nothing is unpickled, sizes are limited before memory is used, and links in
folders of pictures are not followed.
"""

import gzip
import hashlib
import io
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from cnnviz.data.pictures import ENDINGS, MEGABYTES, SIDE, PictureError, open_picture
from cnnviz.gradual import Gradual
from cnnviz.text import ExplainedError, Text

Bytes = NDArray[np.uint8]
Labels = NDArray[np.integer]

FILE_BYTES = 128 * 2**20  # more than the largest published file, decompressed
PICTURES = 20_000  # of one folder
FOLDER_SIZE = 64  # px that pictures of a folder are scaled to
CIFAR_RECORD = 1 + 3 * 32 * 32  # bytes: the label, then red, green and blue

SHORT = Text("its length does not fit its header", "长度与文件头不符")
WRONG_FORMAT = Text("it is not in the expected format", "格式不符")
WRONG_CHECKSUM = Text("it is not the published file (sha256)", "与官方发布的文件不同（sha256）")
TOO_LARGE = Text("it is larger than any published file", "大于任何官方发布的文件")


class DataError(ExplainedError):
    """The images cannot be had."""


class Arrays(NamedTuple):
    """Images uint8 (N, C, H, W) and labels (N,); `skipped` counts files that were left out."""

    train_images: Bytes
    train_labels: Labels
    test_images: Bytes
    test_labels: Labels
    skipped: int = 0


def read_idx(path: Path, sha256: str) -> Bytes:
    """An IDX file of bytes, plain or .gz: images (N, H, W) or labels (N,).

    Args:
        sha256: of the decompressed bytes; a .gz of the same bytes can be written in many ways.

    Raises:
        DataError: the file is not in this format, incomplete, or not the published one.
    """
    content = _content(path)
    # two zero bytes, 8 for unsigned bytes, the number of axes, each axis as 4 bytes
    if content[:3] != b"\x00\x00\x08" or content[3:4] not in (b"\x01", b"\x03"):
        raise _damaged(path, WRONG_FORMAT)
    start = 4 + 4 * content[3]
    shape = [int.from_bytes(content[at : at + 4]) for at in range(4, start, 4)]
    if len(content) != start + prod(shape):
        raise _damaged(path, SHORT)
    _check(path, content, sha256)
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_cifar(path: Path, sha256: str) -> tuple[Bytes, Bytes]:
    """A file of CIFAR-10's binary version: images (N, 3, 32, 32) and labels (N,).

    Raises:
        DataError: as `read_idx`.
    """
    content = _content(path)
    if not content or len(content) % CIFAR_RECORD:
        raise _damaged(path, SHORT)
    _check(path, content, sha256)
    records = np.frombuffer(content, np.uint8).reshape(-1, CIFAR_RECORD)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def read_npz(path: Path, sha256: str) -> Arrays:
    """NumPy's archive of grey images (N, H, W) and labels, as in the folder `embedded`.

    Raises:
        DataError: as `read_idx`.
    """
    content = _content(path)
    _check(path, content, sha256)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            found = {name: archive[name] for name in Arrays._fields[:4]}
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        raise _damaged(path, WRONG_FORMAT) from None
    return grey(**found)


def grey(
    train_images: Bytes, train_labels: Labels, test_images: Bytes, test_labels: Labels
) -> Arrays:
    """Arrays of images (N, H, W) that have no axis for channels yet."""
    return Arrays(train_images[:, None], train_labels, test_images[:, None], test_labels)


def subfolders(folder: Path) -> list[Path]:
    """The real folders in a folder by name, without links, hidden ones and unprintable names."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and not path.is_symlink() and _is_plain(path.name)
    )


def reading_folder(folder: Path) -> Gradual[Arrays]:
    """Pictures in one subfolder per class, in the order of `subfolders`.

    Takes at most 20,000, cut to a square and scaled to 64×64 px RGB; a fifth of each class is for
    the test. The choice is random and always the same. Tells how many are read of all.

    Raises:
        DataError: fewer than two classes, or a class with fewer than two usable pictures.
    """
    classes = subfolders(folder)
    files = [
        (path, label)
        for label, of_class in enumerate(classes)
        for path in sorted(of_class.iterdir())
        if path.suffix.lower() in ENDINGS and path.is_file() and not path.is_symlink()
    ]
    order = np.random.default_rng(0).permutation(len(files))[:PICTURES]
    read: list[tuple[Bytes | None, int]] = []
    for row in order:
        yield len(read), len(order)
        path, label = files[row]
        read.append((_read_picture(path), label))
    usable = [(picture, label) for picture, label in read if picture is not None]
    labels = np.array([label for _, label in usable], dtype=np.uint8 if len(classes) < 256 else int)
    counts = np.bincount(labels, minlength=len(classes))
    if len(classes) < 2 or counts.min() < 2:
        message = Text(
            "{name} has {counts} usable pictures in its subfolders; it needs at least two "
            "subfolders, one a class, with at least two PNG or JPEG files each, of at most 10 MB "
            "and {side} px.",
            "{name} 的各子文件夹中可用图片数为 {counts}；至少需要两个子文件夹（每类一个），"
            "每个至少两张 PNG 或 JPEG，且不超过 10 MB 和 {side} 像素。",
        )
        shown = ", ".join(map(str, counts)) or "0"
        raise DataError(message.format(name=folder.name, counts=shown, side=SIDE))
    images = np.stack([picture for picture, _ in usable])
    test = np.zeros(len(labels), dtype=bool)
    for label, count in enumerate(counts):
        test[np.flatnonzero(labels == label)[: max(1, count // 5)]] = True
    skipped = len(files) - len(usable)
    return Arrays(images[~test], labels[~test], images[test], labels[test], skipped)


def _read_picture(path: Path) -> Bytes | None:
    """A picture as (3, 64, 64), or None where it cannot be used."""
    try:
        if path.stat().st_size > MEGABYTES * 2**20:
            return None
        picture = open_picture(path.read_bytes())
    except (OSError, PictureError):
        return None
    return np.asarray(ImageOps.fit(picture, (FOLDER_SIZE, FOLDER_SIZE))).transpose(2, 0, 1)


def _is_plain(name: str) -> bool:
    # bytes that are no UTF-8 are unprintable, too, and would break the page
    return name.isprintable() and not name.startswith(".")


def _content(path: Path) -> bytes:
    """The bytes of a file, decompressed where its name ends in .gz."""
    open_file = gzip.open if path.suffix == ".gz" else Path.open
    try:
        with open_file(path, "rb") as file:
            content = file.read(FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, Text(str(error), str(error))) from None
    if len(content) > FILE_BYTES:
        raise _damaged(path, TOO_LARGE)
    return content


def _check(path: Path, content: bytes, sha256: str) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(path, WRONG_CHECKSUM)


def _damaged(path: Path, reason: Text) -> DataError:
    message = Text("{path} cannot be used: {reason}.", "{path} 无法使用：{reason}。")
    return DataError(message.format(path=path, reason=reason))
