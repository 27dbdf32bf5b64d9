"""Every lab: its knobs at their ends, its tries, its places in the zoo, its words."""

import ast
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from labs_driver import OWN, drawn, figures, typed_in, words_of

import cnnviz
from cnnviz.experiments import EXPERIMENTS
from cnnviz.knobs import SpecError, format_value
from cnnviz.labs import LABS
from cnnviz.labs.lab import films, is_step
from cnnviz.labs.parts import (
    Chart,
    Code,
    Images,
    OwnPicture,
    Picture,
    Sound,
    Table,
    frame,
    target,
)
from cnnviz.labs.written import Matrix, Words, flat, matrix
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import LANGUAGES, Text
from cnnviz.ui.compare import networks
from cnnviz.ui.session import look_address
from cnnviz.ui.session.address import read_knobs, read_slot

ROOT = Path(__file__).parents[1]
every_lab = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
every_language = pytest.mark.parametrize("language", LANGUAGES)
TRIES = [
    pytest.param(lab, one, id=f"{lab.name}-{number}")
    for lab in LABS.values()
    for number, one in enumerate(one for section in lab.sections for one in section.tries)
]
PLACES = [
    pytest.param(place, id=f"{lab.name}-{number}")
    for lab in LABS.values()
    for number, place in enumerate(lab.places)
]
ENDS = [
    pytest.param(lab, knob, value, id=f"{lab.name}-{knob.name}-{number}")
    for lab in LABS.values()
    for knob in lab.settings.knobs()
    for number, value in enumerate(knob.extremes)
]


def check(part, language):
    """Draw it as the page does, and look for what is not meant."""
    if isinstance(part, OwnPicture):
        for one in part.show(OWN):
            check(one, language)
        return
    if isinstance(part, Code):
        compile(part.text, "lab", "exec")
        return
    for words in words_of(part, language):
        assert not re.search(r"\{\w*\}(?!\s*·)", words.replace("x_{l+1}", "")), words
        assert not re.search(r"\b(nan|inf|None)\b", words), words
        if language == "en":
            assert not re.search("[\u3001-\u9fff]", words) or words[0] >= "一", words
    if isinstance(part, Table):
        assert {len(row) for row in part.rows} == {len(part.head)}
    if isinstance(part, Chart):
        for line in part.lines:
            assert len(line.x) == len(line.y)
            assert np.isfinite(line.y).all()
            assert not part.logarithmic or min(line.y) > 0
    if isinstance(part, Images):
        assert all(image.dtype == np.uint8 for image in part.images)
        assert len(part.images) == len(part.captions)
    if isinstance(part, Sound):
        assert np.abs(part.samples).max() <= 1
    if isinstance(part, Picture):
        canvas = Canvas("#000")
        part.draw(canvas, lambda text: text(language))
        svg = canvas.svg("")
        drawn = {int(at) for at in re.findall(r'data-id="frame-(\d+)"', svg)}
        aims = {int(at) for at in re.findall(r'data-id="target-(\d+)"', svg)}
        assert drawn == set(range(len(part.frames)))
        assert aims <= drawn
        assert len(svg) < 700_000


def settled(lab, knob, value):
    """The lab with a knob at a value, or why not."""
    try:
        return lab.settings().turn(**{knob.name: value})
    except SpecError as error:
        problems = error.problems
    assert all(problem.shown.zh and "{" not in problem.shown.en for problem in problems)
    return None


@every_lab
def test_what_is_shown_can_be_drawn_and_has_words(lab):
    for parts in lab.shown(lab.settings()):
        for part in parts:
            for language in LANGUAGES:
                check(part, language)


@pytest.mark.parametrize(("lab", "knob", "value"), ENDS)
def test_a_knob_at_its_ends_is_shown_or_refused_with_a_sentence(lab, knob, value):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if settings := settled(lab, knob, value):
            for section in lab.sections:
                if section.title == knob.group:
                    for part in section.show(settings):
                        check(part, "zh")


@pytest.mark.parametrize(("lab", "one"), TRIES)
def test_what_is_tried_differs_from_the_first_and_its_pictures_numbers_are_text(lab, one):
    settings = lab.settings().turn(**one.values)
    assert settings != lab.settings()
    for parts in lab.shown(settings):
        said = " ".join(words for part in parts for words in words_of(part, "en"))
        for part in parts:
            if isinstance(part, Picture):
                assert figures(drawn(part, "en")) <= figures(said) | figures(typed_in(settings))


@pytest.mark.sweep
@every_lab
def test_no_knob_is_dead(lab):
    """Each turns something in its own section; a step only says which frame is shown."""
    for section in lab.sections:
        idle = section.idle(lab.settings())
        for knob in lab.knobs(section):
            first = [words_of(part, "en") for part in section.show(lab.settings())]
            ends = [settled(lab, knob, value) for value in (*knob.extremes, *moved(knob))]
            shown = [section.show(settings) for settings in ends if settings]
            others = [[words_of(part, "en") for part in parts] for parts in shown]
            assert any(one != first for one in others) or knob.name in idle, knob.name


class Recorded:
    """A lab's settings; `read` holds the knobs that somebody asked for."""

    def __init__(self, settings):
        self._settings, self.read = settings, set()

    def __getattr__(self, name):
        if name in self._settings.values:
            self.read.add(name)
        return getattr(self._settings, name)


@every_lab
def test_a_section_says_which_knobs_of_others_it_reads(lab):
    """Where one of them turns, the page draws all of its sections and not one alone."""
    tried = [one.values for section in lab.sections for one in section.tries]
    for section in lab.sections:
        read = set()
        for settings in [lab.settings(), *(lab.settings().turn(**one) for one in tried)]:
            recorded = Recorded(settings)
            section.show(recorded)
            section.idle(recorded)
            read |= recorded.read
        own = {knob.name for knob in lab.settings.knobs() if knob.group == section.title}
        assert read - own == set(section.reads), section.title.en


def moved(knob):
    """Further values of a knob, where its ends may be refused."""
    if isinstance(knob.default, bool) or knob.choices or isinstance(knob.default, tuple):
        return ()
    if isinstance(knob.default, str):
        form = knob.form
        return (flat(matrix(knob.default) + 1),) if isinstance(form, Matrix) else ("a b",)
    kind = type(knob.default)
    nearby = (knob.default + knob.step, knob.default - knob.step, 2 * knob.default)
    return tuple(map(kind, nearby))


@every_lab
def test_every_group_is_a_section_and_every_film_has_its_step(lab):
    titles = [section.title for section in lab.sections]
    assert {knob.group for knob in lab.settings.knobs()} <= set(titles)
    steps = {knob.name for knob in lab.settings.knobs() if is_step(knob)}
    shown = [part for parts in lab.shown(lab.settings()) for part in films(parts)]
    assert {film.step for film in shown} == steps
    assert lab.name == lab.settings.family


@every_lab
def test_a_lab_has_goals_that_can_be_tried_out(lab):
    """Each a sentence that begins with what is done, such as "Count"."""
    assert len(lab.goals) in (2, 3)
    for goal in lab.goals:
        assert re.fullmatch(r"[A-Z][a-z]+ .+\.", goal.en)
        assert goal.zh.endswith("。")


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_an_address_without_a_fault(place):
    query = place.query
    if place.page == "architecture":
        preset, spec, problems = read_slot("main", query, "lenet-5", look_address.KEYS)
        assert (preset.name, problems) == (query["preset"], [])
        report = cnnviz.analyze(spec)
        scopes = {part for layer in report.layers for part in prefixes(layer.name)}
        assert query.get("at", next(iter(scopes))) in scopes
        assert set(query.get("open", "").split(",")) <= scopes | {""}
    else:
        for name, preset in query.items():
            assert name in networks.NAMES
            assert read_slot(name, query, "lenet-5")[0].name == preset


def test_labs_lead_to_experiments_that_there_are():
    for lab in LABS.values():
        assert set(lab.experiments) <= set(EXPERIMENTS)
    assert "inception-branches" in LABS["inception"].experiments
    assert "densenet-reuse" in LABS["dense"].experiments


def prefixes(name):
    parts = name.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts) + 1)}


@every_lab
def test_an_address_holds_every_setting(lab):
    for section in lab.sections:
        for one in section.tries:
            settings = lab.settings().turn(**one.values)
            differences = settings.differences(lab.settings())
            texts = {name: format_value(value) for name, value in differences.items()}
            assert read_knobs(lab.settings(), texts, of=lab.name) == (settings, [])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0 1 2\n3 4 5", "0,1,2_3,4,5"),
        (" 0, 1.50 ; −2  03 \n", "0,1.5_-2,3"),
        ("0，1；2，3", "0,1_2,3"),
        ("-0 1", "0,1"),
    ],
)
def test_a_matrix_is_read_as_it_is_typed(typed, kept):
    form = Matrix((1, 3), (1, 3))
    assert form.read(typed) == kept
    assert form.read(form.typed(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "It has 0 rows"),
        ("1 2\n3", "Row 2 has 1 number."),
        ("1 x", "Row 1, column 2 is 'x'"),
        ("1 1e5", "Row 1, column 2 is '1e5'"),
        ("1 1000", "Row 1, column 2 is '1000'"),
        ("1 nan", "Row 1, column 2 is 'nan'"),
        ("1 2 3 4", "Row 1 has 4 numbers"),
        ("1\n1\n1\n1", "It has 4 rows"),
        ("٣ 1", "Row 1, column 1 is '٣'"),
    ],
)
def test_a_matrix_that_cannot_be_used_says_which_cell(typed, why):
    read = Matrix((1, 3), (1, 3)).read(typed)
    assert isinstance(read, Text)
    assert why in read.en


def test_one_row_is_no_rows():
    assert Matrix((2, 3), (1, 3)).read("1 2").en == " It has 1 row."


def test_chinese_words_may_stand_without_spaces():
    assert Words((1, 9)).read("我爱学习") == "我 爱 学 习"
    assert Words((1, 2)).read("a b c").en == " It has 3 words."


def test_names_of_frames_and_targets_are_those_of_the_script():
    script = (ROOT / "assets" / "film.js").read_text(encoding="utf-8")
    assert frame(3).startswith("frame-")
    assert target(3).startswith("target-")
    assert "frame-${" in script
    assert '"target-"' in script


def test_labs_are_pure():
    """A section is a function: nothing of a session or of the clock is read."""
    for path in ROOT.glob("cnnviz/labs/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", "")]
                assert not {"time", "random", "streamlit"} & set(names), path
