"""A lesson on paper: a worksheet, and its solution, as one HTML page made for printing.

The numbers of the questions follow from the seed, so two groups can have two sheets of one lesson.
Answers are computed from the networks, as on the page.
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from cnnviz.experiments import EXPERIMENTS
from cnnviz.knobs import Problem, SpecError
from cnnviz.lessons.lesson import SEEDS, Lesson, Step
from cnnviz.lessons.question import Question
from cnnviz.text import LANGUAGES, Text, joined

_STYLE = Path(__file__).with_name("worksheet.css")
_TAGS = {"en": "en", "zh": "zh-CN"}
_LINES = 4  # to write an open answer on

_SHEET, _SOLUTION = Text("Worksheet", "练习单"), Text("Solution", "答案")
_SEED = Text("Numbers: seed {seed}", "数据：种子 {seed}")
_WHO = (Text("Name", "姓名"), Text("Class", "班级"), Text("Date", "日期"))
_GOALS = Text("After this lesson you can", "学完之后，你能够")
_PREDICT = Text("Predict before you look: ", "先预测再看：")
_DISCUSS = Text("Discuss: ", "讨论：")
_CLAIM = Text("Try it on the Experiments page: ", "在“训练实验”页面检验：")
_ANSWER = Text("Answer: {answer}", "答案：{answer}")
_POSSIBLE = Text("A possible answer: {answer}", "参考答案：{answer}")


def worksheet(
    lesson: Lesson, *, seed: int = SEEDS[0], language: str = "en", with_solution: bool = False
) -> str:
    """The sheet as an HTML document that needs no other file.

    Args:
        seed: draws the networks, layers and knobs of the questions.
        language: "en" or "zh".
        with_solution: fill in answers and arithmetic.

    Raises:
        SpecError: a seed or a language that there is not.
    """
    if problems := list(_problems(seed, language)):
        raise SpecError(problems)
    called = _SOLUTION if with_solution else _SHEET
    title = f"{lesson.title(language)} · {called(language)}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="seed">{escape(_SEED.format(seed=seed)(language))}</p>',
        *([] if with_solution else [_who(language)]),
        f"<p><b>{_GOALS(language)}</b></p>",
        _list(goal(language) for goal in lesson.goals),
        *(
            _step(number, step, seed, language, with_solution)
            for number, step in enumerate(lesson.steps, start=1)
        ),
    ]
    return _page(title, "\n".join(body), language)


def seed_problem(seed: int) -> Problem | None:
    """Why a number is no seed, if it is none."""
    least, most = SEEDS
    if least <= seed <= most:
        return None
    message = Text(
        "seed is {seed}; it must be a whole number from {least} to {most}.",
        "种子为 {seed}；应为 {least} 到 {most} 之间的整数。",
    )
    return Problem.of("seed", message, seed=seed, least=least, most=most)


def _problems(seed: int, language: str) -> Iterable[Problem]:
    if problem := seed_problem(seed):
        yield problem
    if language not in LANGUAGES:
        message = Text(
            "language is {language!r}; it must be one of {known}.",
            "语言为 {language!r}；应为 {known} 之一。",
        )
        yield Problem.of("language", message, language=language[:60], known=joined(LANGUAGES))


def _step(number: int, step: Step, seed: int, language: str, with_solution: bool) -> str:
    def told(text: Text) -> str:
        return escape(step.told(text)(language))

    parts = [f"<h2>{number} · {escape(step.title(language))}</h2>", f"<p>{told(step.text)}</p>"]
    if question := step.question(seed):
        parts.append(_question(question, language, with_solution))
    if prediction := step.prediction:
        options = [told(option.text) for option in prediction.options]
        right = prediction.right if with_solution else None
        parts.append(_task(f"{_PREDICT(language)}{told(prediction.ask)}", _boxes(options, right)))
        if with_solution:
            parts.append(_solved([told(prediction.then)]))
    if discussion := step.discussion:
        lines = "" if with_solution else '<div class="line"></div>' * _LINES
        parts.append(_task(f"{_DISCUSS(language)}{told(discussion.ask)}", lines))
        if with_solution:
            parts.append(_solved([_POSSIBLE(language).format(answer=told(discussion.answer))]))
    if step.experiment:
        experiment = EXPERIMENTS[step.experiment]
        gives_away = step.prediction and not with_solution
        tried = (experiment.title if gives_away else experiment.claim)(language)
        parts.append(_task(f"{_CLAIM(language)}{escape(tried)}", ""))
    return "\n".join(parts)


def _question(question: Question, language: str, with_solution: bool) -> str:
    options = [escape(option(language)) for option in question.options]
    right = int(question.answer) if with_solution else None
    below = _boxes(options, right) if options else ""
    if not options and not with_solution:
        unit = escape(question.unit(language))
        below = f'<div class="line"><span class="unit">{unit}</span></div>'
    task = _task(escape(question.prompt(language)), below)
    if not with_solution:
        return task
    answer = _ANSWER(language).format(answer=question.shown(language))
    lines = [answer, *(line(language) for line in question.arithmetic)]
    return f"{task}\n{_solved(map(escape, lines))}"


def _task(prompt: str, below: str) -> str:
    return f'<div class="task"><p>{prompt}</p>{below}</div>'


def _solved(lines: Iterable[str]) -> str:
    first, *rest = lines
    return f'<div class="solution"><p>{first}</p>{_list(rest, escaped=True) if rest else ""}</div>'


def _boxes(options: Iterable[str], right: int | None) -> str:
    items = "".join(
        f'<li class="right">{option}</li>' if number == right else f"<li>{option}</li>"
        for number, option in enumerate(options)
    )
    return f'<ul class="options">{items}</ul>'


def _list(lines: Iterable[str], *, escaped: bool = False) -> str:
    items = "".join(f"<li>{line if escaped else escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>"


def _who(language: str) -> str:
    return f'<p class="who">{"".join(f"<span>{word(language)}</span>" for word in _WHO)}</p>'


def _page(title: str, body: str, language: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="{_TAGS[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
