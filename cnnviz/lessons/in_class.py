"""A lesson's question put to a class: the same numbers for all, and the answer that is checked."""

from cnnviz.classes.question import Question
from cnnviz.lessons.lesson import Lesson, Step
from cnnviz.text import Text


def askable(lesson: Lesson) -> list[Step]:
    """The steps of a lesson that ask for a number, for an option, or for a prediction."""
    return [step for step in lesson.steps if step.asked or step.prediction]


def class_question(lesson: Lesson, step: Step, seed: int) -> Question:
    """The question, or the prediction, of one of the steps that can be asked.

    Args:
        seed: draws the numbers of the question.
    """
    source = f"lesson:{lesson.name}/{step.name}"
    if drawn := step.question(seed):
        units = (f" ({unit})" if unit else "" for unit in drawn.unit)
        return Question(
            Text(*map("".join, zip(drawn.prompt, units, strict=True))),
            "choice" if drawn.options else "number",
            drawn.options,
            source,
            right=drawn.answer,
            tolerance=drawn.tolerance,
            way=(drawn.shown, *drawn.arithmetic),
        )
    asked = step.prediction
    assert asked is not None, "askable steps have one or the other"
    options = tuple(step.told(option.text) for option in asked.options)
    then = step.told(asked.then)
    return Question(step.told(asked.ask), "choice", options, source, right=asked.right, way=(then,))
