"""A node of the graph is as wide as what is written in it, measured by Chromium."""

from itertools import accumulate

import pytest

import cnnviz
from cnnviz.render.diagram import draw

pytestmark = pytest.mark.browser

MARGIN = 7.2  # pt, left and right in every node
INDENT = 3  # pt, of a table in a node
WIDE = 18  # pt, between two columns

# Of every node in points: its outline, and the lines in it as [left, right] of each piece.
MEASURE = """() => [...document.querySelectorAll("g.node")].map(node => {
  const sides = shape => { const { x, width } = shape.getBBox(); return [x, x + width] }
  const lines = new Map()
  for (const piece of node.querySelectorAll("text, polygon")) {
    const { y, height } = piece.getBBox()
    const middle = y + height / 2
    const at = [...lines.keys()].find(other => Math.abs(other - middle) < 6) ?? middle
    lines.set(at, [...(lines.get(at) ?? []), sides(piece)])
  }
  const byPlace = line => line.sort((one, other) => one[0] - other[0])
  return { id: node.id, outline: sides(node.querySelector("path")),
    lines: [...lines.values()].map(byPlace) }
})"""


@pytest.fixture(scope="module")
def page(browser):
    one = browser.new_page()
    yield one
    one.close()


def hole(line):
    """The widest empty stretch between the pieces of a line."""
    ends = accumulate((right for _, right in line), max)
    return max((left - end for end, (left, _) in zip(ends, line[1:], strict=False)), default=0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_node_is_as_wide_as_its_words(page, preset, language):
    page.set_content(draw(cnnviz.analyze(preset.spec), (), language, together=True))
    nodes = page.evaluate(MEASURE)
    assert len(nodes) > 2
    for node in nodes:
        left, right = node["outline"]
        pieces = [piece for line in node["lines"] for piece in line]
        first, last = min(piece[0] for piece in pieces), max(piece[1] for piece in pieces)
        assert left <= first, node["id"]
        assert last <= right, node["id"]
        assert right - left <= last - first + 2 * (MARGIN + INDENT), node["id"]
        assert min(map(hole, node["lines"])) <= WIDE, node["id"]
