"""Feature maps of a test image or of the user's own, in a trained or an untrained network."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
import torch
from PIL import Image, ImageOps
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from cnnviz.analysis.maps import Maps, layers_with_maps
from cnnviz.analysis.real_run import LiveError
from cnnviz.data.dataset import sources
from cnnviz.live.tasks import FeatureMaps, Picture, Untrained
from cnnviz.render.tiles import cividis, stretched, tiled
from cnnviz.ui.kit import own_picture
from cnnviz.ui.kit.live_client import answer
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.session.device import chosen_device
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member
from cnnviz.ui.training import trained

_SHEET = 720  # px, width of all maps
_LARGEST = 160  # px, largest side of a single map
_COLUMNS = 8
OWN_SIDE = 512  # px of a user's own picture; more would hardly be seen in the maps


def side(count: int, columns: int) -> int:
    """The side of each of `count` maps in px; few maps are larger."""
    return min(_LARGEST, _SHEET // min(count, columns))


def maps_view(
    name: str,
    layers: list[str],
    maps: Callable[[Picture, str], Maps],
    *,
    own: Callable[[Image.Image], Tensor],
    key: str,
    start: str = "",
) -> None:
    """Let the user choose an image and a layer, and show the layer's maps.

    Args:
        name: of the data set whose test images are offered.
        maps: computes the maps from a picture and the layer.
        own: a picture of the user's own as an image of the network: uint8 (C, H, W).
        start: layer that is chosen at first.

    Raises:
        LiveError: raised by `maps`.
    """
    choice, sheet = st.columns([1, 3], gap="large")
    with choice:
        is_own = st.toggle(t("maps.own"), key=f"maps.own.{key}", help=t("maps.own_help"))
        found = _own(own, key) if is_own else _test_image(name, key)
        layer = st.selectbox(
            t("results.layer"),
            layers,
            index=layers.index(start) if start in layers else 0,
            key=f"maps.layer.{key}.{start}",
        )
        if found is None:
            return
        image, label = found
        shown = tiled(trained.picture(image)[None], columns=1, side=_LARGEST)
        st.image(shown, caption=label, alt=label)
    _maps(maps(trained.as_seen(name, image, is_own=is_own), layer), layer, sheet)


def _test_image(name: str, key: str) -> tuple[Tensor, str]:
    """The test image that the user chooses, and its class."""
    data = trained.data(name)
    index = st.number_input(
        t("results.image", count=len(data.test_images)),
        min_value=0,
        max_value=len(data.test_images) - 1,
        key=f"maps.image.{key}",
        help=t("results.image_help"),
    )
    return data.test_images[index], say(data.classes[data.test_labels[index]])


def _own(own: Callable[[Image.Image], Tensor], key: str) -> tuple[Tensor, str] | None:
    picture = own_picture.asked(f"maps.{key}", OWN_SIDE)
    return (own(picture), t("try.seen")) if picture else None


def _maps(found: Maps, layer: str, sheet: DeltaGenerator) -> None:
    shape = "×".join(map(str, found.shape))
    text = t("results.maps_text", layer=layer, shape=shape, count=len(found.maps))
    with sheet:
        size = side(len(found.maps), _COLUMNS)
        tiles = tiled(cividis(stretched(found.maps)), columns=_COLUMNS, side=size)
        st.image(tiles, alt=text)
        st.caption(text)


def in_colour(picture: Image.Image, size: Sequence[int]) -> Tensor:
    """A picture at a network's input size (H, W): uint8 (3, H, W)."""
    height, width = size
    fitted = ImageOps.fit(picture.convert("RGB"), (width, height))
    return torch.from_numpy(np.array(fitted)).permute(2, 0, 1).contiguous()


def untrained_maps(subject: Member, look: Look, *, key: Callable[[str], str]) -> None:
    """Show the maps of an untrained network, at first those of the selected layer."""
    spec = subject.spec
    name = next(iter(sources()))

    def maps(picture: Picture, layer: str) -> Maps:
        task = FeatureMaps(chosen_device(), Untrained(spec), picture, layer)
        found: Maps = answer(task)
        return found

    st.caption(t("maps.untrained"))
    try:
        maps_view(
            name,
            layers_with_maps(spec),
            maps,
            own=lambda picture: in_colour(picture, spec.input_shape[2:]),
            key=key("untrained"),
            start=look.selected or "",
        )
    except LiveError as error:
        st.warning(say(error.message))
