"""A picture on which the unit of a map is chosen by dragging, or by the arrow keys."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
import streamlit as st
from PIL import Image

from cnnviz.ui.kit.assets import asset

_lens = st.components.v2.component(
    "cnnviz_lens", html=asset("lens.html"), css=asset("lens.css"), js=asset("lens.js")
)
Pair = tuple[float, float]


def lens_picture(
    sheet: np.ndarray,
    *,
    unit: tuple[int, int],
    counts: Sequence[int],
    first: Pair,
    step: Pair,
    size: Pair,
    label: str,
    alt: str,
    on_unit: Callable[[tuple[int, int]], None],
    key: str,
) -> None:
    """Show a picture under a lens; all pairs are of rows and columns.

    Args:
        sheet: the picture, uint8 RGBA (H, W, 4).
        unit: that the lens is on.
        counts: units of the map.
        first: the middle of unit 0's box, as parts of the picture's sides.
        step: from one unit's middle to the next one's.
        size: of a box.
        on_unit: is given the unit to which the lens was dragged.
    """
    file = BytesIO()
    Image.fromarray(sheet).save(file, "PNG")

    def dragged() -> None:
        chosen = st.session_state[key].unit
        whole = isinstance(chosen, list) and [type(at) for at in chosen] == [int, int]
        if whole and all(0 <= at < count for at, count in zip(chosen, counts, strict=True)):
            on_unit((chosen[0], chosen[1]))

    _lens(
        key=key,
        data={
            "source": f"data:image/png;base64,{b64encode(file.getvalue()).decode()}",
            "unit": list(unit),
            "counts": list(counts),
            "first": first,
            "step": step,
            "size": size,
            "label": label,
            "alt": alt,
        },
        on_unit_change=dragged,
    )
