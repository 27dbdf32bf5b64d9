"""Try a trained network on a picture of one's own: drawn, or uploaded."""

import numpy as np
import streamlit as st
import torch
from PIL import Image, ImageOps
from torch import Tensor

from cnnviz.render.result_charts import likely_chart
from cnnviz.training.job import Job
from cnnviz.ui.kit import own_picture
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.training import trained

_LIKELY = 5


def try_it(job: Job) -> None:
    """Let the user draw or upload a picture, and show the network's answer."""
    draws = own_picture.wants_to_draw(job.id)
    given, seen, said = st.columns([3, 1, 3], gap="large")
    with given:
        picture = own_picture.drawn(job.id) if draws else _uploaded(job)
    if picture is None:
        said.markdown(t("try.nothing"))
        return
    image = as_images_of(picture, trained.data(job.asked.data).test_images)
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


def _uploaded(job: Job) -> Image.Image | None:
    file = own_picture.uploaded(job.id)
    invert = st.toggle(t("try.invert"), key=f"invert.{job.id}", help=t("try.invert_help"))
    picture = own_picture.opened(file) if file else None
    return ImageOps.invert(picture) if picture and invert else picture


def as_images_of(picture: Image.Image, images: Tensor) -> Tensor:
    """A picture in the channels and the size of a data set's images: uint8 (C, H, W)."""
    _, channels, height, width = images.shape
    fitted = ImageOps.fit(picture.convert("L" if channels == 1 else "RGB"), (width, height))
    pixels = torch.from_numpy(np.array(fitted))
    return pixels[None] if channels == 1 else pixels.permute(2, 0, 1)
