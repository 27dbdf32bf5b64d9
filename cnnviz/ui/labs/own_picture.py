"""A lab's picture of the user's own: asked for, made small, and gone with the session."""

import numpy as np
import streamlit as st

from cnnviz.labs.pictures import grey
from cnnviz.ui.kit import own_picture
from cnnviz.ui.kit.words import t

SIDE = 140  # px; more would not be answered at once, and not be seen as pixels


def ask(key: str) -> np.ndarray | None:
    """The user's drawing or photograph, float64 (H, W) of 0 to 1; None while there is none."""
    picture = own_picture.asked(key, SIDE, note=t("labs.own_size", side=SIDE))
    if picture is None:
        st.markdown(t("labs.own_none"))
        return None
    return grey(np.array(picture))
