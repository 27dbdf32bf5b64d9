"""The training recipe of a network's own paper, as far as a source states it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from cnnviz.families import Spec
from cnnviz.knobs import format_value
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe
from cnnviz.ui.kit.words import as_markdown, say, t

_RECIPES = Path(__file__).with_name("paper_recipes.toml")
ITEMS = (
    *("data", "batch_size", "learning_rate", "schedule", "optimiser"),
    *("weight_decay", "augmentation", "initialisation"),
)


@dataclass(frozen=True, kw_only=True)
class PaperRecipe:
    """One paper's training recipe; an item without a source is None.

    Args:
        families: families covered, except presets that another paper names.
        presets: presets covered by name.
        source: reference for the items; None without items.
    """

    paper: str
    families: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    source: Text | None = None
    data: Text | None = None
    batch_size: Text | None = None
    learning_rate: Text | None = None
    schedule: Text | None = None
    optimiser: Text | None = None
    weight_decay: Text | None = None
    augmentation: Text | None = None
    initialisation: Text | None = None


@cache
def recipes() -> tuple[PaperRecipe, ...]:
    """The recipes of all papers."""
    tables = tomllib.loads(_RECIPES.read_text(encoding="utf-8"))
    return tuple(map(_recipe, tables.values()))


def _recipe(table: dict[str, Any]) -> PaperRecipe:
    values = dict(table)
    values |= {name: _text(table[name]) for name in ("source", *ITEMS) if name in table}
    values |= {name: tuple(table[name]) for name in ("families", "presets") if name in table}
    return PaperRecipe(**values)


def _text(value: dict[str, str] | str | float) -> Text:
    return Text(**value) if isinstance(value, dict) else Text(*2 * [format_value(value)])


def recipe_of(preset: str, family: str) -> PaperRecipe:
    """The recipe of the paper that a preset is from, else of its family's paper."""
    by_name = [recipe for recipe in recipes() if preset in recipe.presets]
    of_family = [recipe for recipe in recipes() if family in recipe.families]
    return [*by_name, *of_family][0]


def paper_recipe(preset: str, spec: Spec) -> None:
    """Draw the paper's recipe of a network that goes back to `preset`, folded."""
    recipe = recipe_of(preset, spec.family)
    with st.expander(t("paper_recipe.title")):
        head = f"| {t('paper_recipe.item')} | {t('paper_recipe.paper')} |\n|:--|:--|"
        st.markdown("\n".join([head, *(_row(name, getattr(recipe, name)) for name in ITEMS)]))
        st.caption(as_markdown(recipe.paper))
        if recipe.source:
            source = t("paper_recipe.source", source=say(recipe.source))
            st.caption(as_markdown(source))


def _row(name: str, value: Text | None) -> str:
    return f"| {_label(name)} | {as_markdown(say(value)) if value else t('paper_recipe.unknown')} |"


def _label(name: str) -> str:
    """Return the controls' label of an item, if they have one."""
    own = {"data": t("paper_recipe.data"), "augmentation": t("paper_recipe.augmentation")}
    return own.get(name) or say(Recipe.knob(name).label)
