"""Asks the user for a picture of their own, drawn or uploaded; none of them is saved."""

from typing import TypeGuard

import numpy as np
import streamlit as st
from PIL import Image, ImageOps
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnnviz.data.pictures import ENDINGS, MEGABYTES, SIDE, PictureError, open_picture
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.words import t

_CANVAS = 28  # px, side of the canvas' picture

_canvas = st.components.v2.component(
    "cnnviz_canvas", html=asset("canvas.html"), css=asset("canvas.css"), js=asset("canvas.js")
)


def asked(key: str, side: int, *, note: str = "") -> Image.Image | None:
    """The user's drawing, or the middle of what was uploaded; None while there is none.

    What was uploaded is opened once, since a large one takes a part of a second. Only the small
    picture stays, in the session's memory, and goes with it or with the file's removal.

    Args:
        side: px to which the uploaded picture's middle square is made small.
        note: a line under the upload.
    """
    if wants_to_draw(key):
        return drawn(key)
    file, kept = uploaded(key), f"own.{key}"
    if note:
        st.caption(note)
    if file is None:
        st.session_state.pop(kept, None)
        return None
    identity, found = st.session_state.get(kept, ("", None))
    if identity != file.file_id:
        picture = opened(file)
        if picture is None:
            return None
        found = small(picture, side)
        st.session_state[kept] = file.file_id, found
    result: Image.Image | None = found
    return result


def small(picture: Image.Image, side: int) -> Image.Image:
    """The square in the middle of a picture, of so many pixels."""
    return ImageOps.fit(picture, (side, side))


def wants_to_draw(key: str) -> bool:
    """Let the user choose between drawing and uploading."""
    draw, upload = t("try.draw"), t("try.upload")
    way = st.segmented_control(
        t("try.way"), [draw, upload], default=draw, required=True, key=f"try.way.{key}"
    )
    return way == draw


def drawn(key: str) -> Image.Image | None:
    """The drawing on a canvas, 28×28 and grey; None while there is none."""
    words = {name: t(f"try.{name}") for name in ("label", "clear", "hint")}
    pixels = _canvas(
        key=f"canvas-{key}",
        data=words,
        default={"pixels": None},
        on_pixels_change=lambda: None,
    ).pixels
    if not is_drawing(pixels):
        return None
    return Image.fromarray(np.array(pixels, dtype=np.uint8).reshape(_CANVAS, _CANVAS))


def is_drawing(pixels: object) -> TypeGuard[list[int]]:
    """Return whether the browser sent 28×28 grey values, not all black."""
    return (
        isinstance(pixels, list)
        and len(pixels) == _CANVAS**2
        and all(isinstance(value, int) and 0 <= value <= 255 for value in pixels)
        and any(pixels)
    )


def uploaded(key: str) -> UploadedFile | None:
    """The file that the user gives, which is still to be opened."""
    return st.file_uploader(
        t("try.file"),
        type=list(ENDINGS),
        max_upload_size=MEGABYTES,
        key=f"upload.{key}",
        help=t("try.file_help", side=SIDE, megabytes=MEGABYTES),
    )


def opened(file: UploadedFile) -> Image.Image | None:
    """The picture in a file, as RGB; None, with a sentence on the page, if it is none."""
    try:
        return open_picture(file.getvalue())
    except PictureError:
        st.error(t("try.unreadable", side=SIDE, megabytes=MEGABYTES))
        return None
