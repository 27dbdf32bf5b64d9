"""Hint on a learning rate that does not suit the optimiser."""

import streamlit as st

from cnnviz.knobs import format_value
from cnnviz.training.recipe import Recipe
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.training import form as state
from cnnviz.ui.training.form import Form


def rate_hint(form: Form) -> None:
    """Warn when the learning rate is far from the optimiser's usual one, and offer that one."""
    recipe, usual = form.recipe, form.recipe.usual_rate
    if usual is None:
        return
    optimiser = say(Recipe.knob("optimiser").show(recipe.optimiser))
    rate, better = format_value(recipe.learning_rate), format_value(usual)
    st.caption(t("training.rate_hint", optimiser=optimiser, rate=rate, usual=better))
    st.button(
        t("training.take_rate", usual=better),
        key="usual-rate",
        width="stretch",
        on_click=state.take,
        args=(recipe.turn(learning_rate=usual),),
    )
