"""The Architecture page's way to the Compare page: with which network to compare."""

import streamlit as st

from cnnviz.families import Preset, Spec
from cnnviz.ui.compare import networks
from cnnviz.ui.kit.words import as_markdown, knob_mark, t
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import with_other_names
from cnnviz.zoo import PRESETS


def compare_with(network: Slot) -> tuple[Preset, Spec] | None:
    """Offer networks to compare with, and return the one that was chosen in this run."""
    with st.popover(t("beside.from_here"), key="compare", help=t("beside.from_here_help")):
        for key, (preset, spec) in networks.offered(network).items():
            if st.button(t(key, name=_said(preset, spec)), key=key, width="stretch"):
                return preset, spec
        others = [name for name in PRESETS if name != network.preset.name]
        chosen = st.selectbox(
            t("beside.with_other"),
            others,
            index=None,
            placeholder=t("beside.with_other_choice"),
            format_func=lambda name: with_other_names(name, PRESETS[name].known_as),
            key="beside.with_other",
        )
    return (PRESETS[chosen], PRESETS[chosen].spec) if chosen else None


def _said(preset: Preset, spec: Spec) -> str:
    """A preset and the knobs that are turned, such as densenet-121, growth rate k = 12."""
    turned = spec.differences(preset.spec)
    marks = [knob_mark(spec.knob(name), value) for name, value in turned.items()]
    return as_markdown(", ".join([preset.name, *marks]))
