"""Try a trained network on a picture of one's own: drawn, or uploaded."""

from typing import TypeGuard

import numpy as np
import streamlit as st
import torch
from PIL import Image, ImageOps
from torch import Tensor

from cnnviz.data.pictures import ENDINGS, MEGABYTES, SIDE, PictureError, open_picture
from cnnviz.render.result_charts import likely_chart
from cnnviz.training.job import Job
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.training import trained

_LIKELY = 5
_CANVAS = 28  # px, side of the canvas' picture

_canvas = st.components.v2.component(
    "cnnviz_canvas", html=asset("canvas.html"), css=asset("canvas.css"), js=asset("canvas.js")
)


def try_it(job: Job) -> None:
    """Let the user draw or upload a picture, and show the network's answer."""
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
    return as_images_of(Image.fromarray(grey), trained.data(job.asked.data).test_images)


def is_drawing(pixels: object) -> TypeGuard[list[int]]:
    """Return whether the browser sent 28×28 grey values, not all black."""
    return (
        isinstance(pixels, list)
        and len(pixels) == _CANVAS**2
        and all(isinstance(value, int) and 0 <= value <= 255 for value in pixels)
        and any(pixels)
    )


def _uploaded(job: Job) -> Tensor | None:
    file = st.file_uploader(
        t("try.file"),
        type=list(ENDINGS),
        max_upload_size=MEGABYTES,
        key=f"upload.{job.id}",
        help=t("try.file_help", side=SIDE, megabytes=MEGABYTES),
    )
    invert = st.toggle(t("try.invert"), key=f"invert.{job.id}", help=t("try.invert_help"))
    if file is None:
        return None
    try:
        opened = open_picture(file.getvalue())
    except PictureError:
        st.error(t("try.unreadable", side=SIDE, megabytes=MEGABYTES))
        return None
    picture = ImageOps.invert(opened) if invert else opened
    return as_images_of(picture, trained.data(job.asked.data).test_images)


def as_images_of(picture: Image.Image, images: Tensor) -> Tensor:
    """A picture in the channels and the size of a data set's images: uint8 (C, H, W)."""
    _, channels, height, width = images.shape
    fitted = ImageOps.fit(picture.convert("L" if channels == 1 else "RGB"), (width, height))
    pixels = torch.from_numpy(np.array(fitted))
    return pixels[None] if channels == 1 else pixels.permute(2, 0, 1)
