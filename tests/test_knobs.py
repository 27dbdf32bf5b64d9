"""The declaration of knobs: types, ranges, messages, and the written form of values."""

import math
import re

import numpy as np
import pytest

import cnnviz
from cnnviz.knobs import SpecError, format_value
from cnnviz.training.recipe import Recipe
from cnnviz.zoo import FAMILIES

KNOBS = [
    pytest.param(family.spec, knob, id=f"{name}.{knob.name}")
    for name, family in FAMILIES.items()
    for knob in family.spec.knobs()
]
NEVER = [None, math.nan, math.inf, -1, 10**30, 10**5000, "", "1e9", "１２", "x" * 999, [1, "x"], {}]


@pytest.mark.parametrize(("spec", "knob"), KNOBS)
def test_what_no_knob_takes_is_a_sentence(spec, knob):
    for value in NEVER:
        with pytest.raises(SpecError) as error:
            knob.accept(value)
        (problem,) = error.value.problems
        assert problem.knob == knob.name
        assert problem.message.en.startswith(f"{knob.name} is ")
        assert len(problem.message.en) < 300
        assert knob.rule.zh in problem.message.zh


@pytest.mark.parametrize(("spec", "knob"), KNOBS)
def test_written_values_are_read_back(spec, knob):
    for value in (knob.default, *knob.extremes):
        assert knob.parse(format_value(value)) == value
        assert type(knob.parse(format_value(value))) is type(value)


@pytest.mark.parametrize(("spec", "knob"), KNOBS)
def test_texts_that_are_no_value_are_refused(spec, knob):
    for text in ("", "x", "1e9", "１２", "nan", "6-12-x", "-", "9" * 99, "1_0", ".", "-.", "5."):
        with pytest.raises(SpecError, match=knob.name):
            knob.parse(text)


@pytest.mark.parametrize(("spec", "knob"), KNOBS)
def test_just_outside_the_range_is_refused(spec, knob):
    if knob.choices or isinstance(knob.default, tuple):
        return
    for bound, direction in zip(knob.bounds, (-1, 1), strict=True):
        knob.accept(type(knob.default)(bound))
        with pytest.raises(
            SpecError, match=re.escape(f"nearest is {bound}".removesuffix(".0") + ".")
        ):
            knob.accept(type(knob.default)(bound + direction * knob.step))


def test_a_refusal_has_no_needless_digits():
    rate = Recipe.knob("learning_rate")
    with pytest.raises(SpecError, match=r"is 1000000000; .* to 10\. The nearest is 10\.$"):
        rate.accept(1e9)


def test_wrong_types_are_problems():
    for wrong in ({"growth_rate": True}, {"growth_rate": "32"}, {"growth_rate": 12.0}):
        with pytest.raises(SpecError, match="growth_rate"):
            cnnviz.spec("densenet", **wrong)
    with pytest.raises(SpecError, match="conv_bias is 1"):
        cnnviz.spec("densenet", conv_bias=1)


def test_numbers_of_other_libraries_are_taken_over():
    spec = cnnviz.spec("densenet", growth_rate=np.int64(12), depths=[6, 6], compression=1)
    assert spec == cnnviz.spec("densenet", growth_rate=12, depths=(6, 6), compression=1.0)
    assert [type(value) for value in (spec.growth_rate, spec.compression)] == [int, float]


def test_all_problems_are_told_at_once():
    with pytest.raises(SpecError) as error:
        cnnviz.spec("densenet", growth_rate=4096, depths=(6, 12, 64, 400), stem="foo")
    assert [problem.knob for problem in error.value.problems] == ["growth_rate", "depths", "stem"]
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize(
    ("knobs", "knob", "words"),
    [
        ({"image_size": 8}, "image_size", "at least 29 px"),
        ({"depths": (1,) * 11}, "image_size", "more than 1024 px"),
        ({"depths": (128, 128, 1)}, "depths", "Take 1 away"),
        (
            {"growth_rate": 1, "stem_channels": 1, "depths": (1, 1), "compression": 0.1},
            "compression",
            "at least 0.50",
        ),
    ],
)
def test_conflicts_name_the_limit_and_the_way_out(knobs, knob, words):
    with pytest.raises(SpecError) as error:
        cnnviz.spec("densenet", **knobs)
    assert [problem.knob for problem in error.value.problems] == [knob]
    assert words in error.value.problems[0].message.en


@pytest.mark.parametrize(("name", "knobs"), [("densenet", {}), ("lenet", {}), ("lenet-d2l", {})])
def test_the_smallest_image_that_is_named_works(name, knobs):
    with pytest.raises(SpecError) as error:
        cnnviz.spec(name, image_size=1, **knobs)
    smallest = int(str(error.value).split("at least ")[1].split(" px")[0])
    assert cnnviz.analyze(cnnviz.spec(name, image_size=smallest, **knobs)).params
    with pytest.raises(SpecError):
        cnnviz.spec(name, image_size=smallest - 1, **knobs)


def test_unknown_names_bring_the_nearest():
    with pytest.raises(SpecError, match="densenet-121"):
        cnnviz.spec("densnet-121")
    with pytest.raises(SpecError, match="the nearest are growth_rate"):
        cnnviz.spec("densenet", growthrate=12)


def test_specs_are_frozen_values():
    spec = cnnviz.spec("densenet")
    assert spec == cnnviz.spec("densenet-121")
    assert hash(spec) == hash(cnnviz.spec("densenet-121"))
    with pytest.raises(AttributeError):
        spec.growth_rate = 1


def test_defaults_of_the_families():
    assert cnnviz.spec("lenet") == cnnviz.spec("lenet-5")
    assert cnnviz.spec("densenet") == cnnviz.spec("densenet-121")
