"""Lessons on paper: a sheet asks, its solution answers, and a command writes both."""

from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from conftest import few

from cnnviz.__main__ import main
from cnnviz.experiments import EXPERIMENTS
from cnnviz.lessons import NAMES, find
from cnnviz.lessons.worksheet import worksheet
from cnnviz.text import Text


class Page(HTMLParser):
    """The words of an HTML page; tags have to be closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def said(self):
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", few(NAMES, {"vgg"}))
def test_a_worksheet_asks_and_its_solution_answers(name, language):
    lesson = find(name)
    sheet, solution = (
        Page(worksheet(lesson, seed=5, language=language, with_solution=solved)).said
        for solved in (False, True)
    )
    for step in lesson.steps:
        assert " ".join(step.told(step.text)(language).split()) in sheet
        if step.experiment:
            claim = EXPERIMENTS[step.experiment].claim(language)
            assert claim in solution
            assert (claim in sheet) != bool(step.prediction), "it would give the answer away"
        if question := step.question(5):
            assert question.prompt(language) in sheet
            answer = {"en": "Answer: ", "zh": "答案："}[language] + question.shown(language)
            assert answer in solution
            assert answer not in sheet
            for line in question.arithmetic:
                assert line(language) in solution
        if step.discussion:
            assert step.told(step.discussion.answer)(language) in solution
            assert step.told(step.discussion.answer)(language) not in sheet


def test_a_seed_gives_a_sheet_of_its_own_and_the_same_one_again():
    sheets = [worksheet(find("vgg"), seed=seed) for seed in (1, 2, 3, 1)]
    assert sheets[0] == sheets[3]
    assert all(one != other for one, other in pairwise(sheets))


def test_a_text_cannot_be_more_than_text():
    lesson = find("vgg")
    hostile = Text("<script>alert(1)</script>", "<b>粗体</b>")
    step = replace(lesson.steps[0], title=hostile, text=hostile)
    page = worksheet(replace(lesson, title=hostile, steps=(step,)))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_command_prints_a_sheet_or_writes_it(capsys, tmp_path):
    assert main(["worksheet", "vgg", "--seed", "7"]) == 0
    assert capsys.readouterr().out == worksheet(find("vgg"), seed=7)
    file = tmp_path / "sheet.html"
    more = ["--solution", "--language", "zh", "-o", str(file)]
    assert main(["worksheet", "vgg", "--seed", "7", *more]) == 0
    expected = worksheet(find("vgg"), seed=7, language="zh", with_solution=True)
    assert file.read_text(encoding="utf-8") == expected


def test_the_command_refuses_in_sentences(capsys):
    assert main(["worksheet", "vggg"]) == 2
    assert "'vggg' is no lesson; the nearest are vgg" in capsys.readouterr().err
    assert main(["worksheet", "vgg", "--seed", "0", "--language", "fr"]) == 2
    said = capsys.readouterr().err
    assert "seed is 0; it must be a whole number from 1 to 9999." in said
    assert "language is 'fr'; it must be one of en, zh." in said
