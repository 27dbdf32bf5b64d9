"""A lab's picture of the user's own: asked for, made small, and gone with the session."""

import numpy as np
import streamlit as st
from PIL import Image, ImageOps

from cnnviz.labs.pictures import grey
from cnnviz.ui.kit import own_picture
from cnnviz.ui.kit.words import t

_SIDE = 140  # px; more would not be answered at once, and not be seen as pixels


def ask(key: str) -> np.ndarray | None:
    """The user's drawing or photograph, float64 (H, W) of 0 to 1; None while there is none."""
    if own_picture.wants_to_draw(key):
        drawing = own_picture.drawn(key)
        found = None if drawing is None else grey(np.array(drawing))
    else:
        found = _photograph(key)
        st.caption(t("labs.own_size", side=_SIDE))
    if found is None:
        st.markdown(t("labs.own_none"))
    return found


def small(picture: Image.Image) -> np.ndarray:
    """The square in the middle of a picture, in grey and of `_SIDE` pixels."""
    return grey(np.array(ImageOps.fit(picture, (_SIDE, _SIDE))))


def _photograph(key: str) -> np.ndarray | None:
    """What was uploaded; it is opened once, since a large one takes a part of a second."""
    file, kept = own_picture.uploaded(key), f"own.{key}"
    if file is None:
        st.session_state.pop(kept, None)
        return None
    identity, found = st.session_state.get(kept, ("", np.empty(0)))
    if identity != file.file_id:
        picture = own_picture.opened(file)
        if picture is None:
            return None
        found = small(picture)
        st.session_state[kept] = file.file_id, found
    result: np.ndarray = found
    return result
