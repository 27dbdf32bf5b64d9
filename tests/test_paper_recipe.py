"""How the papers trained: complete, sourced, in both languages, and on the page."""

import re

import pytest
from page_driver import plain, run
from streamlit.testing.v1 import AppTest

from cnnviz.ui.training.paper_recipe import ITEMS, recipe_of, recipes
from cnnviz.zoo import FAMILIES, PRESETS

CHINESE = re.compile("[\u3001-\u9fff]")


def page(preset):
    from cnnviz.ui.training.paper_recipe import paper_recipe  # noqa: PLC0415 (a script of its own)
    from cnnviz.zoo import PRESETS  # noqa: PLC0415

    paper_recipe(preset, PRESETS[preset].spec)


def text_of(preset, **query):
    app = AppTest.from_function(page, args=(preset,))
    app.query_params.update(query)
    (folded,) = run(app).expander
    shown = [*folded.markdown, *folded.caption]
    return plain("\n".join([folded.label, *(element.value for element in shown)]))


def test_every_family_has_one_recipe_and_a_preset_no_second():
    families = [family for recipe in recipes() for family in recipe.families]
    presets = [preset for recipe in recipes() for preset in recipe.presets]
    assert sorted(families) == sorted(FAMILIES)
    assert len(presets) == len(set(presets))
    assert set(presets) <= set(PRESETS)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.paper)
def test_what_is_known_has_a_source_and_is_in_both_languages(recipe):
    known = [getattr(recipe, name) for name in ITEMS if getattr(recipe, name)]
    assert bool(known) == bool(recipe.source)
    for text in [*known, recipe.source] if known else []:
        assert text.en
        assert not CHINESE.search(text.en)
        assert CHINESE.search(text.zh) or text.en == text.zh
        if text.en == text.zh:  # a number or the name of a data set
            assert re.fullmatch(r"[\d.]+|[A-Z][A-Za-z0-9-]+(, [A-Z][A-Za-z0-9-]+)*", text.en)
        else:
            english, chinese = (sorted(re.findall(r"\d[\d.,]*\d|\d", part)) for part in text)
            assert english == chinese


@pytest.mark.parametrize(
    ("preset", "batch", "source"),
    [
        ("resnet-50", "256", "1512.03385, section 3.4"),
        ("resnet-56", "128", "1512.03385, section 4.2"),
        ("se-resnet-50", "1024", "1709.01507"),
        ("resnext-50-32x4d", "256", "1611.05431"),
        ("densenet-121", "256", "1608.06993, sections 4.2"),
        ("densenet-40-k12", "64", "1608.06993, sections 4.1"),
        ("vgg-a", "256", "1409.1556"),
    ],
)
def test_a_preset_has_its_own_papers_recipe(preset, batch, source):
    recipe = recipe_of(preset, PRESETS[preset].spec.family)
    assert recipe.batch_size.en == batch
    assert source in recipe.source.en


def test_the_page_shows_every_item_and_the_source(family):
    preset = FAMILIES[family].presets[0].name
    recipe = recipe_of(preset, family)
    text = text_of(preset)
    assert "The paper's own recipe" in text
    assert recipe.paper in text
    assert f"Source: {recipe.source.en}" in text
    missing = [name for name in ITEMS if getattr(recipe, name) is None]
    assert text.count("not known here") == len(missing)
    assert text.count("\n| ") == 1 + len(ITEMS)  # the head, too


def test_small_numbers_are_written_out():
    assert "| weight decay | 0.00004 |" in text_of("mobilenet-v2")


def test_a_paper_that_could_not_be_read_says_so():
    text = text_of("alexnet-torchvision")
    assert text.count("not known here") == len(ITEMS)
    assert "One weird trick" in text
    assert "Source" not in text


def test_the_page_in_chinese():
    text = text_of("googlenet", lang="zh")
    assert "论文的训练配置" in text
    assert "| 批量大小 | 本应用未收录 |" in text
    assert "| 学习率调度 | 每 8 轮减小 4 % |" in text
    assert "来源：arXiv 1409.4842，第 6 节" in text
