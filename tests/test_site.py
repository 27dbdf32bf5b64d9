"""docs/ as a site: every page has its place, what it names exists, and its links open."""

import re
from importlib import import_module
from urllib.parse import parse_qsl

import pytest
import yaml
from conftest import ROOT

import cnnviz
from cnnviz.experiments import EXPERIMENTS
from cnnviz.labs import LABS
from cnnviz.ui.session import address, look_address
from cnnviz.zoo import PRESETS

SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
LECTURE = (ROOT / "docs" / "lecturer.md").read_text(encoding="utf-8")


def files(nav):
    """The pages of a navigation, at any depth."""
    if isinstance(nav, str):
        return [nav]
    inside = nav.values() if isinstance(nav, dict) else nav
    return [file for one in inside for file in files(one)]


def test_every_page_has_one_place():
    assert sorted(files(SITE["nav"])) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_the_reference_names_all_that_there_is():
    named = re.findall(r"^::: ([\w.]+)$", REFERENCE, re.MULTILINE)
    found = [
        getattr(import_module(home), name)
        for home, _, name in (one.rpartition(".") for one in named)
    ]
    assert all(one.__doc__ for one in found)
    for name in cnnviz.__all__:
        assert getattr(cnnviz, name) in found, name


@pytest.mark.parametrize("link", re.findall(r"`([a-z]*\?[^`]+)`", LECTURE))
def test_a_link_of_the_lecture_opens(link):
    page, _, query = link.partition("?")
    asked = dict(parse_qsl(query))
    assert not page or (ROOT / "pages" / f"{page}.py").exists()
    if page == "labs":
        assert asked["lab"] in LABS
    elif page == "experiments":
        assert asked["experiment"] in EXPERIMENTS
    elif page == "compare":
        assert 2 <= len(asked) <= 6
        assert set(asked.values()) <= PRESETS.keys()
    else:
        preset, _, problems = address.read(asked, "lenet-5", () if page else look_address.KEYS)
        assert preset.name == asked["preset"]
        assert problems == []
