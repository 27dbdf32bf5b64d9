"""Try a trained network on a picture of one's own: drawn, or uploaded."""

import warnings
from io import BytesIO

import numpy as np
import streamlit as st
import torch
from PIL import Image, ImageOps
from torch import Tensor

from cnnviz.render.result_charts import likely_chart
from cnnviz.training.job import Job
from cnnviz.training.sources import PICTURE_SIDE
from cnnviz.ui.assets import asset
from cnnviz.ui.look import ink
from cnnviz.ui.training import trained
from cnnviz.ui.words import language, say, t

_LIKELY = 5
_MEGABYTES = 10
_CANVAS = 28  # px, of what the canvas sends

_canvas = st.components.v2.component(
    "cnnviz_canvas", html=asset("canvas.html"), css=asset("canvas.css"), js=asset("canvas.js")
)


class PictureError(ValueError):
    """A file that is no picture, or too large a one."""


def try_it(job: Job) -> None:
    """Let the user draw or upload, and show what the network takes it for."""
    draw, upload = t("try.draw"), t("try.upload")
    way = st.segmented_control(
        t("try.way"), [draw, upload], default=draw, required=True, key=f"try.way.{job.id}"
    )
    given, seen, said = st.columns([3, 1, 3], gap="large")
    with given:
        image = _drawn(job) if way == draw else _uploaded(job)
    if image is None:
        said.markdown(t("try.nothing"))
        return
    with seen:
        st.image(trained.picture(image), width=120, caption=t("try.seen"), alt=t("try.seen"))
    names, probabilities = trained.answer(job, image, _LIKELY)
    with said:
        st.markdown(t("try.answer", name=say(names[0]), share=f"{100 * probabilities[0]:.0f}"))
        st.plotly_chart(
            likely_chart(list(map(say, names)), probabilities, language(), ink=ink()),
            key="likely",
            config={"displayModeBar": False},
            alt=t("try.chart_alt"),
        )
    st.caption(t("try.caveat"))


def _drawn(job: Job) -> Tensor | None:
    key = f"canvas-{job.id}"
    words = {name: t(f"try.{name}") for name in ("label", "clear", "hint")}
    drawn = _canvas(
        key=key, data=words, default={"pixels": None}, on_pixels_change=lambda: None
    ).pixels
    if not is_drawing(drawn):
        return None
    grey = np.array(drawn, dtype=np.uint8).reshape(_CANVAS, _CANVAS)
    return as_images_of(Image.fromarray(grey), trained.data(job.request.data).test_images)


def is_drawing(pixels: object) -> bool:
    """Whether the browser sent 28×28 grey values, not all of them black."""
    return (
        isinstance(pixels, list)
        and len(pixels) == _CANVAS**2
        and all(isinstance(value, int) and 0 <= value <= 255 for value in pixels)
        and any(pixels)
    )


def _uploaded(job: Job) -> Tensor | None:
    file = st.file_uploader(
        t("try.file"),
        type=["png", "jpg", "jpeg"],
        max_upload_size=_MEGABYTES,
        key=f"upload.{job.id}",
        help=t("try.file_help", side=PICTURE_SIDE, megabytes=_MEGABYTES),
    )
    invert = st.toggle(t("try.invert"), key=f"invert.{job.id}", help=t("try.invert_help"))
    if file is None:
        return None
    try:
        opened = open_picture(file.getvalue())
    except PictureError:
        st.error(t("try.unreadable", side=PICTURE_SIDE, megabytes=_MEGABYTES))
        return None
    picture = ImageOps.invert(opened) if invert else opened
    return as_images_of(picture, trained.data(job.request.data).test_images)


def open_picture(content: bytes) -> Image.Image:
    """The picture in a PNG or JPEG file, as RGB and upright.

    Raises:
        PictureError: it is something else, broken, or of more than 10 MB or 4096 px.
    """
    if len(content) > _MEGABYTES * 2**20:
        raise PictureError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
                if max(picture.size) > PICTURE_SIDE:  # known before any pixel is decoded
                    raise PictureError
                return ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError from error


def as_images_of(picture: Image.Image, images: Tensor) -> Tensor:
    """A picture in the channels and the size of a data set's images: uint8 (C, H, W)."""
    _, channels, height, width = images.shape
    fitted = ImageOps.fit(picture.convert("L" if channels == 1 else "RGB"), (width, height))
    pixels = torch.from_numpy(np.array(fitted))
    return pixels[None] if channels == 1 else pixels.permute(2, 0, 1)
