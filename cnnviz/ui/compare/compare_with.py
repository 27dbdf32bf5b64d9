"""The Compare button of the Architecture page, which asks for the other network."""

import streamlit as st

from cnnviz.families import Preset, Spec
from cnnviz.ui.compare import networks
from cnnviz.ui.kit.words import as_markdown, knob_mark, t
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import with_other_names
from cnnviz.zoo import PRESETS


def compare_with(network: Slot) -> tuple[Preset, Spec] | None:
    """Offer networks to compare with; return the one chosen in this run, if any."""
    with st.popover(t("beside.from_here"), key="compare", help=t("beside.from_here_help")):
        for how, (preset, spec) in networks.offered(network).items():
            label = t(f"beside.with_{how}", name=_said(preset, spec))
            if st.button(label, key=f"beside.with_{how}", width="stretch"):
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
    """A preset and its turned knobs: densenet-121, growth rate k = 12."""
    turned = spec.differences(preset.spec)
    marks = [knob_mark(spec.knob(name), value) for name, value in turned.items()]
    return as_markdown(", ".join([preset.name, *marks]))
