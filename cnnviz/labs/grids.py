"""Matrices side by side, with the cells that a calculation reads and writes lit step by step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.labs.parts import Picture, Say, Words, frame, target, word
from cnnviz.numbers import few_digits
from cnnviz.render.figures.canvas import Canvas, text_width
from cnnviz.text import Text

READ, WRITTEN, EDGE = "rgba(0,114,178,0.30)", "rgba(230,159,0,0.45)", "rgba(128,128,128,0.22)"
_HEIGHT = 32  # px of a cell
_NARROWEST = 36  # px
_GAP = 14  # px
_HEAD = 26  # px of a grid's name

Cells = Sequence[Sequence[str]]
Marks = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class Grid:
    """A matrix with a name.

    Args:
        cells: what stands in it.
        per_frame: its cells in each frame, where they change; `cells` then only gives the size.
        grey: cells that are not part of the matrix proper, such as padding.
        shows: the frame that pointing at its first cell shows, at the next one the next; None
            where pointing shows nothing.
        after: sign between this grid and the next one.
    """

    name: Words
    cells: Cells
    per_frame: tuple[Cells, ...] = ()
    grey: frozenset[tuple[int, int]] = frozenset()
    shows: int | None = None
    after: str = ""


@dataclass(frozen=True)
class Step:
    """A frame: the cells that are read and written, each with the number of its grid."""

    says: Words
    read: tuple[tuple[int, int, int], ...] = ()
    written: tuple[tuple[int, int, int], ...] = ()


def numbers(array: np.ndarray) -> list[list[str]]:
    """A matrix (rows, columns) as the cells of a grid."""
    return [[few_digits(float(value)) for value in row] for row in array]


def signed(value: float) -> str:
    """A number in a sum, in brackets if it is negative."""
    return f"({few_digits(value)})" if value < 0 else few_digits(value)


def rows_of(array: np.ndarray) -> tuple[str, ...]:
    """A matrix as lines of text, its columns under one another."""
    cells = numbers(np.atleast_2d(array))
    width = max(len(cell) for row in cells for cell in row)
    return tuple("  ".join(cell.ljust(width) for cell in row).rstrip() for row in cells)


def film(grids: Sequence[Grid], steps: Sequence[Step], words: Text, *, step: str = "") -> Picture:
    """A picture of grids from left to right; without steps one that stands still."""

    def draw(canvas: Canvas, say: Say) -> None:
        x = 0.0
        corners: list[tuple[float, float]] = []  # left edge and width of a cell
        for grid in grids:
            name = word(grid.name, say)
            canvas.text(x, 0, name, anchor="start", bold=True)
            cell = _cell_width(grid)
            corners.append((x, cell))
            _grid(canvas, grid, x, cell)
            x += max(len(grid.cells[0]) * cell, text_width(name) * 1.08) + _GAP
            if grid.after:
                middle = _HEAD + (len(grid.cells) - 1) * _HEIGHT / 2
                canvas.text(x, middle, grid.after, anchor="start", bold=True)
                x += text_width(grid.after) + _GAP
        for at, one in enumerate(steps):
            with canvas.part(frame(at)):  # under the numbers, which stay dark
                _lit(canvas, corners, one.read, READ)
                _lit(canvas, corners, one.written, WRITTEN)
        for grid, (left, cell) in zip(grids, corners, strict=True):
            if not grid.per_frame:
                _texts(canvas, grid.cells, left, cell)
            for at, cells in enumerate(grid.per_frame):
                with canvas.part(frame(at)):
                    _texts(canvas, cells, left, cell)
        for grid, (left, cell) in zip(grids, corners, strict=True):
            if grid.shows is not None:
                titles = [word(one.says, say) for one in steps]
                _targets(canvas, grid, left, cell, titles)

    return Picture(words, draw, tuple(one.says for one in steps), step if steps else "")


def _cell_width(grid: Grid) -> float:
    cells = [cell for table in (grid.per_frame or (grid.cells,)) for row in table for cell in row]
    return max(_NARROWEST, max(map(text_width, cells)) + 10)


def _place(row: int, column: int, left: float, cell: float) -> tuple[float, float]:
    return left + column * cell, _HEAD - _HEIGHT / 2 + row * _HEIGHT


def _grid(canvas: Canvas, grid: Grid, left: float, cell: float) -> None:
    for row, cells in enumerate(grid.cells):
        for column in range(len(cells)):
            x, y = _place(row, column, left, cell)
            canvas.rect(x, y, cell, _HEIGHT, EDGE if (row, column) in grid.grey else "none")


def _texts(canvas: Canvas, table: Cells, left: float, cell: float) -> None:
    for row, cells in enumerate(table):
        for column, text in enumerate(cells):
            x, y = _place(row, column, left, cell)
            canvas.text(x + cell / 2, y + _HEIGHT / 2, text)


def _lit(
    canvas: Canvas,
    corners: list[tuple[float, float]],
    marks: Iterable[tuple[int, int, int]],
    colour: str,
) -> None:
    for grid, row, column in marks:
        left, cell = corners[grid]
        x, y = _place(row, column, left, cell)
        canvas.rect(x, y, cell, _HEIGHT, colour, line=2.5)


def _targets(canvas: Canvas, grid: Grid, left: float, cell: float, titles: list[str]) -> None:
    """Invisible boxes over a grid's cells, each with its sum as a tooltip."""
    at = grid.shows or 0
    for row, cells in enumerate(grid.cells):
        for column in range(len(cells)):
            x, y = _place(row, column, left, cell)
            with canvas.part(target(at), titles[at]):
                canvas.rect(x, y, cell, _HEIGHT, "rgba(0,0,0,0)", line=0)
            at += 1
