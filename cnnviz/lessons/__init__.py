"""Lessons: the course step by step, with questions whose answers are computed.

A new lesson is a file in `cnnviz/lessons/course` and its name here.
"""

from functools import cache
from pathlib import Path

from cnnviz.knobs import Problem, SpecError
from cnnviz.lessons.lesson import Lesson
from cnnviz.lessons.reading import read_file
from cnnviz.text import Text, nearest

COURSE = Path(__file__).with_name("course")
NAMES = (  # in the order of the course
    *("lenet", "alexnet", "vgg", "nin", "googlenet", "batch-norm", "resnet", "resnext"),
    *("densenet", "mobile", "senet"),
)


@cache
def find(name: str) -> Lesson:
    """The lesson called `name`.

    Raises:
        SpecError: there is none.
    """
    if name not in NAMES:
        message = Text(
            "{name!r} is no lesson; the nearest are {close}.",
            "没有名为 {name!r} 的导学；最接近的有 {close}。",
        )
        close = nearest(name[:60], NAMES)
        raise SpecError([Problem.of("lesson", message, name=name[:60], close=close)])
    return read_file(COURSE / f"{name}.toml")
