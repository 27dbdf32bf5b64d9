"""Folders of pictures as data sets, whatever else lies in them."""

import os
import struct
import zlib
from pathlib import Path

import pytest
import torch
from data_sets import directory, message
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from cnnviz.data import dataset as data

__all__ = ["directory"]  # the fixture


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
