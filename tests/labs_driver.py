"""What a lab shows as words, and arrays as torch has them, for tests of the labs' numbers."""

import itertools
import re

import numpy as np
import torch

from cnnviz.labs import LABS
from cnnviz.labs.parts import (
    Chart,
    Code,
    Images,
    OwnPicture,
    Picture,
    Said,
    Sound,
    Sums,
    Table,
)
from cnnviz.render.figures.canvas import Canvas

OWN = np.random.default_rng(0).random((28, 28))  # somebody's own picture


def words_of(part, language):
    """Every string that a part shows in a language."""
    match part:
        case OwnPicture():
            return [words for one in part.show(OWN) for words in words_of(one, language)]
        case Said():
            every = [part.text]
        case Sums():
            every = part.lines
        case Table():
            every = [cell for row in (part.head, *part.rows) for cell in row]
        case Chart():
            every = [part.title, part.across, part.up, *(line.name for line in part.lines)]
        case Images():
            every = part.captions
        case Sound():
            every = [part.name]
        case Code():
            every = [part.text]
        case Picture():
            every = [part.words, *part.frames]
    return [words if isinstance(words, str) else words(language) for words in every]


def figures(said):
    """The numbers in a text."""
    found = re.findall(r"-?\d[\d.,]*", said.replace("\N{MINUS SIGN}", "-"))
    return {number.rstrip(".,") for number in found}


def drawn(picture, language):
    """What a picture writes, in all of its frames."""
    canvas = Canvas("black")
    picture.draw(canvas, lambda words: words(language))
    return " ".join(re.findall("<text[^>]*>([^<]*)<", canvas.svg("")))


def typed_in(settings):
    """What the widgets hold."""
    return re.sub("[,_]", " ", " ".join(map(str, settings.values.values())))


def told(name, **knobs):
    """All plain text of a lab's page in English, for some settings."""
    lab = LABS[name]
    lines = []
    for part in itertools.chain(*lab.shown(lab.settings().turn(**knobs))):
        match part:
            case Said():
                lines.append(part.text.en)
            case Sums():
                lines += [line if isinstance(line, str) else line.en for line in part.lines]
            case Table():
                for row in part.rows:
                    lines.append(" | ".join(c if isinstance(c, str) else c.en for c in row))
    return "\n".join(lines)


def tensor(array):
    return torch.tensor(np.array(array), dtype=torch.float64)


def count(*layers_):
    return sum(parameter.numel() for layer in layers_ for parameter in layer.parameters())
