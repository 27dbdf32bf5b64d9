"""The images that networks are trained on: complete, checked, and got without the network."""

import dataclasses
import gzip
import hashlib
import http.server
import os
import socket
import struct
import tarfile
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngImageFile
from torch.nn import functional as F

from cnnviz.data import dataset as data
from cnnviz.data import published, shapes
from cnnviz.data.images import augment, describe, prepare, statistics
from cnnviz.data.readers import DataError, read_cifar, read_idx, read_npz

IDX = b"\x00\x00\x08"
TINY = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATASETS", str(tmp_path / "sets"))
    # a machine may have Debian's package
    for name, known in published.PUBLISHED.items():
        changed = dataclasses.replace(known, system_folders=())
        monkeypatch.setitem(published.PUBLISHED, name, changed)
    return tmp_path / "sets"


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def idx(array: np.ndarray) -> bytes:
    return IDX + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + bytes(array)


def message(action, *arguments) -> str:
    """The sentence of the DataError that `action` raises, which must be there in both languages."""
    with pytest.raises(DataError) as caught:
        action(*arguments)
    assert caught.value.message.en == str(caught.value)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.message.zh)
    return caught.value.message.en


# What is always there


@pytest.mark.usefixtures("offline")
def test_the_default_is_embedded_and_balanced():
    assert next(iter(data.sources())) == "fashion-mnist-6k"
    loaded = data.load("fashion-mnist-6k")
    assert loaded.train_images.shape == (6000, 1, 28, 28)
    assert loaded.test_images.shape == (1000, 1, 28, 28)
    assert loaded.train_images.dtype == torch.uint8
    assert loaded.train_labels.dtype == torch.int64
    assert loaded.train_labels.bincount().tolist() == [600] * 10
    assert loaded.test_labels.bincount().tolist() == [100] * 10
    names = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
    assert ",".join(label.en for label in loaded.classes) == names
    assert "Zalando" in (published.EMBEDDED / "fashion-mnist-LICENSE.txt").read_text("utf-8")


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", ["fashion-mnist-6k", "shapes", "digits"])
def test_what_is_declared_is_what_is_loaded(name):
    source, loaded = data.sources()[name], data.load(name)
    for images, labels in (
        (loaded.train_images, loaded.train_labels),
        (loaded.test_images, loaded.test_labels),
    ):
        assert images.shape == (len(labels), source.channels, source.size, source.size)
        assert f"{len(labels):,}" in source.help.en
        assert f"{len(labels):,}" in source.help.zh
        assert images.min() < 30
        assert images.max() == 255
        counts = labels.bincount(minlength=source.classes)
        assert len(counts) == source.classes
        assert counts.min() >= 0.9 * counts.max()
    assert loaded.classes == source.labels


def test_an_embedded_file_that_is_not_ours_is_refused(monkeypatch, tmp_path):
    # an object array would be a pickle
    names = ("train_images", "train_labels", "test_images", "test_labels")
    np.savez(tmp_path / "a.npz", **dict.fromkeys(names, np.array([[{}]], dtype=object)))
    content = (tmp_path / "a.npz").read_bytes()
    assert "sha256" in message(read_npz, tmp_path / "a.npz", "0")
    assert "format" in message(read_npz, tmp_path / "a.npz", sha256(content))


def test_every_known_set_is_here_or_said_how_to_get(directory):
    assert list(data.sources()) == ["fashion-mnist-6k", "shapes", "digits"]
    missing = data.missing()
    assert list(missing) == ["fashion-mnist", "mnist", "cifar-10"]
    for name, text in missing.items():
        assert str(directory / name) in text.en
        assert message(data.load, name) == text.en


@pytest.mark.parametrize("name", ["", "nothing", "../shapes", "folder:../..", "shapes\x00", "九"])
def test_an_unknown_name_is_answered_with_the_nearest(name):
    assert "is not a data set here" in message(data.load, name)


# Published files


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_idx_files_are_read_plain_and_packed(tmp_path, ending):
    for array in (TINY, np.array([3, 1], dtype=np.uint8)):
        content = idx(array)
        path = tmp_path / f"file{ending}"
        path.write_bytes(gzip.compress(content) if ending else content)
        assert np.array_equal(read_idx(path, sha256(content)), array)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "format"),
        (b"\x00\x00\x0d" + idx(TINY)[3:], "format"),
        (idx(TINY)[:-1], "length"),
        (idx(TINY) + b"\x00", "length"),
        (IDX + b"\x03" + b"\xff" * 12, "length"),
    ],
)
def test_a_damaged_idx_file_is_refused(tmp_path, content, reason):
    (tmp_path / "file").write_bytes(content)
    assert reason in message(read_idx, tmp_path / "file", sha256(content))


def test_another_file_and_a_broken_gz_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(idx(TINY)))
    assert "sha256" in message(read_idx, path, sha256(b"other"))
    path.write_bytes(path.read_bytes()[:-20])
    assert "cannot be used" in message(read_idx, path, "")
    path.write_bytes(b"no gzip")
    assert "cannot be used" in message(read_idx, path, "")
    monkeypatch.setattr("cnnviz.data.readers.FILE_BYTES", 1000)
    path.write_bytes(gzip.compress(bytes(10_000)))
    assert "larger" in message(read_idx, path, "")


def put_mnist(monkeypatch, folder: Path) -> None:
    """A tiny MNIST of two images, with checksums to match."""
    folder.mkdir(parents=True)
    files = {}
    for name in published.PUBLISHED["mnist"].files:
        content = idx(TINY if "images" in name else np.array([7, 0], dtype=np.uint8))
        (folder / name).write_bytes(content)
        files[name] = sha256(content)
    known = dataclasses.replace(published.PUBLISHED["mnist"], files=files)
    monkeypatch.setitem(published.PUBLISHED, "mnist", known)


def test_a_set_is_used_where_all_of_its_files_are(directory, monkeypatch):
    put_mnist(monkeypatch, directory / "mnist")
    assert "mnist" in data.sources()
    assert "mnist" not in data.missing()
    loaded = data.load("mnist")
    assert np.array_equal(loaded.train_images.numpy()[:, 0], TINY)
    assert loaded.test_labels.tolist() == [7, 0]
    (directory / "mnist" / "t10k-labels-idx1-ubyte").unlink()
    assert "mnist" in data.missing()


def test_cifar_is_read_from_its_binary_version(directory, monkeypatch):
    folder = directory / "cifar-10"
    folder.mkdir(parents=True)
    files, made = {}, {}
    random = np.random.default_rng(0)
    for name in published.PUBLISHED["cifar-10"].files:
        images = random.integers(0, 256, (2, 3, 32, 32), dtype=np.uint8)
        labels = random.integers(0, 10, 2, dtype=np.uint8)
        content = b"".join(
            bytes([label]) + image.tobytes() for image, label in zip(images, labels, strict=True)
        )
        (folder / name).write_bytes(content)
        files[name], made[name] = sha256(content), (images, labels)
    known = dataclasses.replace(published.PUBLISHED["cifar-10"], files=files)
    monkeypatch.setitem(published.PUBLISHED, "cifar-10", known)
    loaded = data.load("cifar-10")
    assert loaded.train_images.shape == (10, 3, 32, 32)
    assert np.array_equal(loaded.train_images.numpy()[2:4], made["data_batch_2.bin"][0])
    assert np.array_equal(loaded.test_labels.numpy(), made["test_batch.bin"][1])
    (folder / "test_batch.bin").write_bytes(content[:-1])
    assert "length" in message(read_cifar, folder / "test_batch.bin", "")


# Drawn shapes


@pytest.mark.parametrize("size", [8, 33, 64])
def test_shapes_are_the_same_for_the_same_seed(size):
    images, labels = shapes.draw(500, size, seed=3)
    again, _ = shapes.draw(500, size, seed=3)
    other, _ = shapes.draw(500, size, seed=4)
    assert images.shape == (500, 3, size, size)
    assert np.array_equal(images, again)
    assert not np.array_equal(images, other)
    assert np.bincount(labels).tolist() == [50] * 10


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_shapes_are_too_hard_for_a_linear_classifier():
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    (train, labels), (test, answers) = shapes.draw(1000, 32, seed=0), shapes.draw(300, 32, seed=1)
    small, unseen = (
        images.reshape(-1, 3, 8, 4, 8, 4).mean((3, 5)).reshape(len(images), -1) / 255
        for images in (train, test)
    )
    score = LogisticRegression(max_iter=100).fit(small, labels).score(unseen, answers)
    assert score < 0.4


# Into the network

PLAIN = (torch.zeros(1), torch.ones(1))


def random_images(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def test_28_becomes_32_with_black_around_it():
    images = random_images(5, 1, 28, 28)
    mean, std = torch.tensor([0.3]), torch.tensor([0.5])
    expected = (F.pad(images / 255, (2, 2, 2, 2)) - 0.3) / 0.5
    assert torch.equal(prepare(images, (1, 32, 32), mean, std), expected)


def test_other_sizes_are_resized():
    images = random_images(2, 3, 40, 40)
    for size in (32, 96):
        expected = F.interpolate(images / 255, (size, size), mode="bilinear", antialias=True)
        assert torch.equal(prepare(images, (3, size, size), *PLAIN), expected)
    assert torch.equal(prepare(images, (3, 40, 40), *PLAIN), images / 255)


def test_channels_are_repeated_or_averaged():
    grey, colour = random_images(2, 1, 8, 8), random_images(2, 3, 8, 8)
    wide = prepare(grey, (5, 8, 8), *PLAIN)
    assert wide.shape == (2, 5, 8, 8)
    assert all(torch.equal(channel, grey[:, 0] / 255) for channel in wide.unbind(1))
    luminance = (colour / 255 * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1)
    assert torch.allclose(prepare(colour, (1, 8, 8), *PLAIN)[:, 0], luminance)
    assert prepare(colour, (4, 8, 8), *PLAIN).shape == (2, 4, 8, 8)


def test_statistics_are_those_of_the_float_images():
    images = random_images(50, 3, 9, 7)
    images[:, 1] //= 3
    mean, std = statistics(images)
    assert torch.allclose(mean, (images / 255).mean((0, 2, 3)))
    assert torch.allclose(std, (images / 255).std((0, 2, 3), correction=0))
    normal = prepare(images, (3, 9, 7), mean, std)
    assert normal.mean((0, 2, 3)).abs().max() < 1e-5
    assert (normal.std((0, 2, 3), correction=0) - 1).abs().max() < 1e-5
    flat = torch.full((2, 1, 4, 4), 9, dtype=torch.uint8)
    assert prepare(flat, (1, 4, 4), *statistics(flat)).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("source", "target", "en", "zh"),
    [
        ((1, 28, 28), (1, 28, 28), "28×28 grey, taken as it is.", "28×28 灰度，原样使用。"),
        (
            (1, 28, 28),
            (3, 32, 32),
            "28×28 grey, padded with zeros to 32×32, grey repeated to 3 channels.",
            "28×28 灰度，用零填充到 32×32，灰度复制为 3 个通道。",
        ),
        (
            (3, 32, 32),
            (1, 224, 224),
            "32×32 colour, resized to 224×224, averaged to grey.",
            "32×32 彩色，缩放到 224×224，加权平均为灰度。",
        ),
    ],
)
def test_what_happens_is_said(source, target, en, zh):
    assert describe(source, target) == (en, zh)


# Augmentation


def change(images, seed=0, **chosen):
    chosen = {"flip": False, "crop": False, "colour": False} | chosen
    return augment(images, **chosen, generator=torch.Generator().manual_seed(seed))


def test_half_of_the_images_are_flipped():
    images = torch.randn(1000, 1, 4, 6)
    changed = change(images, flip=True)
    flipped = (changed == images.flip(3)).flatten(1).all(1)
    assert ((changed == images).flatten(1).all(1) ^ flipped).all()
    assert 400 < flipped.sum() < 600


def test_a_crop_moves_each_image_and_brings_in_black():
    images = torch.randn(200, 2, 16, 16) + torch.tensor([1.0, 5.0])[:, None, None]
    changed = change(images, crop=True)
    black = images.amin((0, 2, 3))
    seen = set()
    for image, moved in zip(images, changed, strict=True):
        padded = black[:, None, None].repeat(1, 20, 20)
        padded[:, 2:18, 2:18] = image
        windows = [(y, x) for y in range(5) for x in range(5)]
        fits = [w for w in windows if torch.equal(padded[:, w[0] :, w[1] :][:, :16, :16], moved)]
        assert len(fits) == 1
        seen.update(fits)
    assert len(seen) == 25


@pytest.mark.parametrize("channels", [1, 3])
def test_colour_noise_shifts_an_image_as_a_whole(channels):
    # red and green vary together, blue hardly at all
    images = torch.randn(400, 1, 8, 8) * torch.tensor([2.0, 1.0, 0.0])[:channels, None, None] + 3
    shift = change(images, colour=True) - images
    assert (shift - shift[:, :, :1, :1]).abs().max() < 1e-5
    spread = shift[:, :, 0, 0].std(0)
    assert torch.allclose(spread, torch.tensor([0.2, 0.1, 0.0])[:channels], atol=0.03)


def test_augmentation_depends_on_the_generator_alone():
    images = torch.randn(30, 3, 16, 16)
    before = images.clone()
    chosen = {"flip": True, "crop": True, "colour": True}
    first = change(images, **chosen)
    assert first.shape == images.shape
    assert first.dtype == images.dtype
    assert torch.equal(first, change(images, **chosen))
    assert not torch.equal(first, change(images, seed=1, **chosen))
    assert torch.equal(images, before)
    assert torch.equal(change(images), images)


# Folders of pictures


def put_pictures(folder: Path, count: int, colour: str, ending: str = "png") -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        Image.new("RGB", (80, 100), colour).save(folder / f"{number}.{ending}")


def png(width: int, height: int) -> bytes:
    """A PNG that claims to be so large and holds hardly any pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR" + header, b"IDAT" + zlib.compress(bytes(1000)), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


def test_a_folder_of_pictures_is_a_data_set(directory):
    folder = directory / "folders" / "叶子 & <b>"
    put_pictures(folder / "red", 10, "red")
    put_pictures(folder / "blue", 15, "blue", "JPEG")
    put_pictures(folder / ".hidden", 1, "green")
    loaded = data.load("folder:叶子 & <b>")
    assert [label.en for label in loaded.classes] == ["blue", "red"]
    assert loaded.train_images.shape == (20, 3, 64, 64)
    assert loaded.test_labels.bincount().tolist() == [3, 2]
    assert loaded.skipped == 0
    blue, red = (loaded.train_images[loaded.train_labels == label].float() for label in (0, 1))
    assert red.mean((0, 2, 3)).tolist() == [255, 0, 0]
    assert torch.allclose(blue.mean((0, 2, 3)), torch.tensor([0.0, 0.0, 255.0]), atol=2)
    assert torch.equal(loaded.train_labels, data.load("folder:叶子 & <b>").train_labels)


def test_bombs_texts_and_links_are_left_out(directory, tmp_path, monkeypatch):
    folder = directory / "folders" / "mixed"
    put_pictures(folder / "a", 3, "red")
    put_pictures(folder / "b", 3, "blue")
    put_pictures(tmp_path / "outside", 3, "green")
    (folder / "a" / "bomb.png").write_bytes(png(50_000, 50_000))
    (folder / "a" / "near.png").write_bytes(png(4097, 4095))
    (folder / "a" / "long.png").write_bytes(png(5000, 10))
    (folder / "a" / "text.png").write_text("no picture", encoding="utf-8")
    (folder / "a" / "big.png").write_bytes(
        (folder / "a" / "0.png").read_bytes() + bytes(10 * 2**20)
    )
    (folder / "a" / "notes.txt").write_text("not counted", encoding="utf-8")
    (folder / "a" / "link.png").symlink_to(tmp_path / "outside" / "0.png")
    (folder / "c").symlink_to(tmp_path / "outside")
    (directory / "folders" / "linked").symlink_to(tmp_path)
    with Image.open(folder / "b" / "0.png") as picture:
        picture.save(folder / "b" / "gif.png", format="GIF")

    decode = PngImageFile.load

    def decode_small(self):
        assert max(self.size) <= 100, "pixels of a bomb were decoded"
        return decode(self)

    monkeypatch.setattr(PngImageFile, "load", decode_small)
    loaded = data.load("folder:mixed")
    assert [label.en for label in loaded.classes] == ["a", "b"]
    assert len(loaded.train_images) + len(loaded.test_images) == 6
    assert loaded.skipped == 6
    assert "folder:linked" not in data.sources()
    monkeypatch.setattr("cnnviz.data.readers.PICTURES", 11)
    loaded = data.load("folder:mixed")
    assert len(loaded.train_images) + len(loaded.test_images) + loaded.skipped == 12


def test_a_folder_with_too_few_pictures_is_refused(directory):
    put_pictures(directory / "folders" / "one" / "a", 5, "red")
    assert "at least two subfolders" in message(data.load, "folder:one")
    put_pictures(directory / "folders" / "one" / "b", 1, "red")
    assert "5, 1 usable" in message(data.load, "folder:one")
    (directory / "folders" / "empty").mkdir()
    assert "0 usable" in message(data.load, "folder:empty")


def test_no_more_pictures_than_allowed_are_read(directory, monkeypatch):
    monkeypatch.setattr("cnnviz.data.readers.PICTURES", 20)
    for name in "ab":
        put_pictures(directory / "folders" / "many" / name, 30, "red")
    loaded = data.load("folder:many")
    assert len(loaded.train_images) + len(loaded.test_images) == 20


@pytest.mark.skipif(os.name == "nt", reason="file names are bytes only elsewhere")
def test_a_name_that_is_no_text_is_left_out(directory):
    (directory / "folders").mkdir(parents=True)
    os.mkdir(os.fsencode(directory / "folders") + b"/\xff")  # noqa: PTH102  (a Path is text)
    (directory / "folders" / "new\nline").mkdir()
    assert not [name for name in data.sources() if name.startswith("folder:")]


# Downloads, from this machine


@pytest.fixture
def mirrors(tmp_path, monkeypatch):
    """Two mirrors of a tiny MNIST and CIFAR-10, the first of which has nothing."""
    shared = tmp_path / "shared"
    (shared / "second").mkdir(parents=True)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(shared))

        def send_header(self, name, value):
            if name != "Content-Length" or "labels" not in self.path:  # not every server says it
                super().send_header(name, value)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    put_mnist(monkeypatch, tmp_path / "mnist")
    downloads = {}
    for path in (tmp_path / "mnist").iterdir():
        content = gzip.compress(path.read_bytes())
        (shared / "second" / f"{path.name}.gz").write_bytes(content)
        downloads[f"{path.name}.gz"] = (len(content), sha256(content))
    with tarfile.open(shared / "second" / "cifar.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "mnist" / "t10k-labels-idx1-ubyte", "deep/../../test_batch.bin")
    content = (shared / "second" / "cifar.tar.gz").read_bytes()
    tiny = {
        "mnist": {"downloads": downloads},
        "cifar-10": {
            "files": {"test_batch.bin": ""},
            "downloads": {"cifar.tar.gz": (len(content), sha256(content))},
        },
    }
    for name, fields in tiny.items():
        places = (f"{address}/first/", f"{address}/second/")
        known = dataclasses.replace(published.PUBLISHED[name], **fields, mirrors=places)
        monkeypatch.setitem(published.PUBLISHED, name, known)
    yield shared / "second"
    server.shutdown()
    server.server_close()
    thread.join()


def left(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


@pytest.mark.usefixtures("mirrors")
def test_a_download_goes_on_to_the_next_mirror():
    calls = []
    data.download("mnist", lambda *numbers: calls.append(numbers))
    whole = published.PUBLISHED["mnist"].download_bytes
    assert calls == sorted(calls)
    assert calls[-1] == (whole, whole)
    assert len(calls) >= 4
    assert data.load("mnist").train_labels.tolist() == [7, 0]
    data.download("mnist", lambda *_: None)  # again, over the old files


@pytest.mark.usefixtures("mirrors")
def test_an_archive_is_unpacked_into_its_folder(directory):
    data.download("cifar-10", lambda *_: None)
    assert left(directory) == ["cifar-10", "cifar-10/test_batch.bin"]


@pytest.mark.parametrize(
    ("content", "reason"), [(b"something else", "hash"), (bytes(10**6), "more bytes")]
)
def test_a_wrong_file_is_refused_and_nothing_is_left(directory, mirrors, content, reason):
    (mirrors / "t10k-labels-idx1-ubyte.gz").write_bytes(content)
    text = message(data.download, "mnist", lambda *_: None)
    assert "t10k-labels-idx1-ubyte.gz" in text
    assert "404" in text
    assert reason in text
    assert left(directory) == []


@pytest.mark.usefixtures("mirrors")
def test_a_download_can_be_stopped_and_leaves_nothing(directory):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.download("mnist", stop)
    assert left(directory) == []


@pytest.mark.usefixtures("offline")
def test_only_what_is_published_is_downloaded(directory, monkeypatch, tmp_path):
    assert "is not a data set here" in message(data.download, "../mnist", lambda *_: None)
    assert not directory.exists()
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("CNNVIZ_DATASETS", str(tmp_path / "file"))
    assert "failed" in message(data.download, "mnist", lambda *_: None)


def test_every_published_set_is_declared_in_full():
    for known in published.PUBLISHED.values():
        sums = [*known.files.values(), *(checksum for _, checksum in known.downloads.values())]
        assert all(len(bytes.fromhex(checksum)) == 32 for checksum in sums)
        assert len(known.mirrors) > 1
        assert known.download_bytes > 10**6


def test_the_first_images_are_those_of_the_whole_set():
    whole, first = data.load("fashion-mnist-6k"), data.load("fashion-mnist-6k~first-500")
    assert len(first.train_labels) == len(first.train_images) == 500
    assert torch.equal(first.train_images, whole.train_images[:500])
    assert torch.equal(first.test_images, whole.test_images)
    assert len(data.load("digits~first-999999").train_labels) == 1500, "there are no more"


def test_shuffled_pixels_are_the_same_pixels_in_one_order():
    whole, shuffled = data.load("digits"), data.load("digits~shuffled")
    for part in ("train_images", "test_images"):
        before, after = (getattr(one, part).flatten(1) for one in (whole, shuffled))
        assert torch.equal(before.sort(dim=1).values, after.sort(dim=1).values)
        assert not torch.equal(before, after)
    # one order for all: pixels that never differ from one another still do not
    places = [
        (whole.train_images.flatten(1) == image[:, None]).all(dim=0).sum()
        for image in shuffled.train_images.flatten(1).T
    ]
    assert all(place >= 1 for place in places)


@pytest.mark.parametrize("name", ["~", "~first-0", "~first-", "~upside-down", "~shuffled~shuffled"])
def test_an_unknown_variant_is_a_sentence(name):
    with pytest.raises(DataError, match="is no variant"):
        data.find(f"digits{name}")
