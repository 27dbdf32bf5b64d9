"""Opening pictures that somebody else made: size and format are limited before a pixel is read."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

MEGABYTES = 10
SIDE = 4096  # px
ENDINGS = (".png", ".jpg", ".jpeg")


class PictureError(ValueError):
    """A file that is no picture, or too large a one."""


def open_picture(content: bytes) -> Image.Image:
    """The picture in a PNG or JPEG file, as RGB and upright.

    Raises:
        PictureError: the file is something else, broken, or of more than 10 MB or 4096 px.
    """
    if len(content) > MEGABYTES * 2**20:
        raise PictureError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of broken EXIF, and of bombs: the size is checked
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
                if max(picture.size) > SIDE:  # known before any pixel is decoded
                    raise PictureError
                picture.load()
                return _upright(picture).convert("RGB")
    except Exception as error:  # Pillow raises almost anything on a broken file: see the tests
        raise PictureError from error


def _upright(picture: Image.Image) -> Image.Image:
    """The picture turned as its EXIF says, or as it lies where the EXIF is broken."""
    try:
        return ImageOps.exif_transpose(picture)
    except (
        Exception
    ):  # struct.error, TypeError, ValueError …: broken EXIF bytes are read as anything
        return picture
