"""Pictures that somebody else made: whatever is wrong with one, it is opened or refused."""

import random
from io import BytesIO

import pytest
from PIL import Image

from cnnviz.data.pictures import PictureError, open_picture

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
