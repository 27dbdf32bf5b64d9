"""Feature maps of a test image, in a trained or an untrained network."""

from collections.abc import Callable

import streamlit as st

from cnnviz.analysis.maps import Maps, layers_with_maps
from cnnviz.analysis.real_run import LiveError
from cnnviz.data.dataset import Data, sources
from cnnviz.live.tasks import FeatureMaps, Untrained
from cnnviz.render.tiles import cividis, stretched, tiled
from cnnviz.ui.kit.live_client import answer
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.session.device import chosen_device
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member
from cnnviz.ui.training import trained

_SHEET = 720  # px, width of all maps
_LARGEST = 160  # px, largest side of a single map
_COLUMNS = 8


def side(count: int, columns: int) -> int:
    """The side of each of `count` maps in px; few maps are larger."""
    return min(_LARGEST, _SHEET // min(count, columns))


def maps_view(
    data: Data, layers: list[str], maps: Callable[[int, str], Maps], *, key: str, start: str = ""
) -> None:
    """Let the user choose a test image and a layer, and show the layer's maps.

    Args:
        maps: computes the maps from the image's number and the layer.
        start: layer that is chosen at first.

    Raises:
        LiveError: raised by `maps`.
    """
    images = data.test_images
    choice, sheet = st.columns([1, 3], gap="large")
    with choice:
        index = st.number_input(
            t("results.image", count=len(images)),
            min_value=0,
            max_value=len(images) - 1,
            key=f"maps.image.{key}",
            help=t("results.image_help"),
        )
        layer = st.selectbox(
            t("results.layer"),
            layers,
            index=layers.index(start) if start in layers else 0,
            key=f"maps.layer.{key}.{start}",
        )
        label = say(data.classes[data.test_labels[index]])
        picture = tiled(trained.picture(images[index])[None], columns=1, side=_LARGEST)
        st.image(picture, caption=label, alt=label)
    found = maps(index, layer)
    shape = "×".join(map(str, found.shape))
    text = t("results.maps_text", layer=layer, shape=shape, count=len(found.maps))
    with sheet:
        size = side(len(found.maps), _COLUMNS)
        tiles = tiled(cividis(stretched(found.maps)), columns=_COLUMNS, side=size)
        st.image(tiles, alt=text)
        st.caption(text)


def untrained_maps(subject: Member, look: Look, *, key: Callable[[str], str]) -> None:
    """Show the maps of an untrained network, at first those of the selected layer."""
    spec = subject.spec
    name = next(iter(sources()))

    def maps(index: int, layer: str) -> Maps:
        picture = trained.test_picture(name, index)
        task = FeatureMaps(chosen_device(), Untrained(spec), picture, layer)
        found: Maps = answer(task)
        return found

    st.caption(t("maps.untrained"))
    try:
        data, layers = trained.data(name), layers_with_maps(spec)
        maps_view(data, layers, maps, key=key("untrained"), start=look.selected or "")
    except LiveError as error:
        st.warning(say(error.message))
