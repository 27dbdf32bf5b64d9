"""Pictures that somebody else made: whatever is wrong with one, it is opened or refused."""

import random
from io import BytesIO

import pytest
import torch
from PIL import Image

from cnnviz.data.pictures import PictureError, open_picture
from cnnviz.ui.kit.own_picture import is_drawing
from cnnviz.ui.training.try_it import as_images_of

TURNED = 6  # the EXIF orientation of a camera held upright
MUTATIONS = 400


def photograph(size=(8, 4)) -> bytes:
    """A JPEG with the EXIF that a telephone writes."""
    exif = Image.Exif()
    exif[0x0112] = TURNED
    exif[0x011A], exif[0x011B] = 72.0, 72.0  # dots an inch, as rational numbers
    exif[0x010F], exif[0x0132] = "Maker", "2024:01:01 00:00:00"
    exif.get_ifd(0x8769)[0x829A] = 0.01  # the exposure
    exif.get_ifd(0x8825)[0x0002] = (51.0, 30.0, 0.0)  # the latitude
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, "JPEG", exif=exif)
    return file.getvalue()


def exif_span(content: bytes) -> tuple[int, int]:
    """Where the EXIF directory lies in the file."""
    begin = content.index(b"Exif\0\0")
    length = int.from_bytes(content[begin - 2 : begin])
    return begin + 6, begin - 2 + length


def test_a_picture_is_upright():
    assert open_picture(photograph()).size == (4, 8)


def test_of_a_broken_exif_the_picture_remains():
    """Types and lengths that are not there: Pillow raises whatever it comes upon."""
    content = photograph()
    begin, end = exif_span(content)
    dice = random.Random(0)
    for _ in range(MUTATIONS):
        broken = bytearray(content)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(begin, end)] = dice.choice((0, 1, 2, 5, 7, 12, 127, 255))
        assert open_picture(bytes(broken)).size in {(4, 8), (8, 4)}


def test_of_any_broken_file_there_is_a_picture_or_none():
    content = photograph()
    dice = random.Random(1)
    for _ in range(MUTATIONS):
        broken = bytearray(content)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            opened = open_picture(bytes(broken[: dice.randint(1, len(broken))]))
        except PictureError:
            continue
        assert opened.mode == "RGB"


def test_an_error_of_pillow_that_nobody_listed_is_a_refusal(monkeypatch):
    def fail(*_, **__):
        raise KeyError

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(PictureError):
        open_picture(photograph())


def test_a_drawing_is_28_by_28_grey_values():
    blank = [0] * 784
    assert is_drawing([255, *blank[1:]])
    for bad in (None, blank, [1], ["1"] * 784, [256, *blank[1:]], [1.5, *blank[1:]], "x" * 784):
        assert not is_drawing(bad)


def test_a_picture_is_taken_as_the_data_are(tmp_path):
    path = tmp_path / "x.png"
    Image.new("RGB", (60, 40), "white").save(path)
    picture = open_picture(path.read_bytes())
    for channels, size in ((1, 28), (3, 64)):
        images = torch.zeros((1, channels, size, size), dtype=torch.uint8)
        taken = as_images_of(picture, images)
        assert taken.shape == images.shape[1:]
        assert taken.dtype == torch.uint8
        assert taken.min() == 255
    Image.new("1", (4097, 1)).save(path)
    for bad in (path.read_bytes(), b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"0" * 99):
        with pytest.raises(PictureError):
            open_picture(bad)
