"""The images that networks are trained on: complete, checked, and in variants."""

import dataclasses
import gzip

import numpy as np
import pytest
import torch
from data_sets import IDX, TINY, directory, idx, message, offline, put_mnist, sha256

from cnnviz.data import dataset as data
from cnnviz.data import published, shapes
from cnnviz.data.readers import DataError, read_cifar, read_idx, read_npz

__all__ = ["directory", "offline"]  # the fixtures


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


# Variants


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
