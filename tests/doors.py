"""Things to try at a door by which data comes in, and what is to come of them: see test_fuzz.py."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnviz.data.pictures import PictureError
from cnnviz.knobs import SpecError
from cnnviz.text import ExplainedError

FEW, MANY = 80, 1_500
LONGEST = 700  # characters of a sentence

ODD = st.sampled_from(["", "-1", "1e999", "nan", "9" * 400, "٣", "6-12", "true", "../x", "~AAAA"])
TEXT = ODD | st.text(max_size=30)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    PLAIN,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
    max_leaves=10,
)


def parameters(*known):
    """Query strings that speak of known names more often than not."""
    return st.dictionaries(st.sampled_from(known) | TEXT, TEXT, max_size=6)


@st.composite
def spoilt(draw, whole):
    """A JSON text with up to three of its values replaced, at any depth."""
    root = {"": copy.deepcopy(whole)}
    for _ in range(draw(st.integers(1, 3))):
        inside, key = root, ""
        while isinstance(inside[key], dict | list) and inside[key] and draw(st.integers(0, 3)):
            inside = inside[key]
            key = draw(
                st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside)))
            )
        inside[key] = draw(JSON)
    return json.dumps(root[""])


@st.composite
def damaged(draw, whole):
    """A file with some bytes changed, cut off or put in."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(0, 4))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    start = draw(st.integers(0, len(content)))
    return (
        bytes(content[:start])
        + draw(st.binary(max_size=8))
        + bytes(content[start : draw(st.sampled_from([len(content), start, start + 40]))])
    )


def is_a_sentence(text):
    assert 0 < len(text.en) < LONGEST
    assert 0 < len(text.zh) < LONGEST


def are_sentences(problems):
    for problem in problems:
        is_a_sentence(problem.message)
        is_a_sentence(problem.shown)


def trials(doors):
    """Parameters of a test that tries each door: its name, and how many things."""
    names = pytest.mark.parametrize("name", doors)
    few_and_many = [FEW, pytest.param(MANY, marks=pytest.mark.sweep)]
    numbers = pytest.mark.parametrize("examples", few_and_many)
    return lambda test: numbers(names(test))


def knock(door, things, examples, *more):
    """Bring things to a door: each is taken, or refused in sentences.

    Args:
        more: what the door needs beside the thing.
    """

    def come(thing):
        try:
            door(thing, *more)
        except SpecError as error:
            are_sentences(error.problems)
        except PictureError:
            pass  # whoever shows it has the sentence
        except ExplainedError as error:
            is_a_sentence(error.message)

    fixed = examples == FEW  # each run of `make test` tries the same ones
    checks = settings(
        max_examples=examples,
        derandomize=fixed,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    checks(given(things)(come))()
