"""Data-flow figure of one block: a bar as wide as its channels for each op, from top to bottom.

Branches are drawn side by side, shortcuts as thick lines. The figure suits Inception blocks,
residual blocks, squeeze-and-excitation gates and inverted residuals.
"""

from dataclasses import dataclass, replace

from cnnviz.analysis.report import Layer, Report
from cnnviz.render.figures.block_words import in_words, sentence
from cnnviz.render.figures.canvas import SIZE, Canvas, Figure, text_width
from cnnviz.render.figures.flow import (
    Flow,
    Op,
    Parallel,
    channels_of,
    flow,
    merge_of,
    ops,
    parts_of,
    shortcut,
    shortcut_name,
    summands,
)
from cnnviz.render.kinds import KINDS, groups_of, op_text
from cnnviz.text import Text

WIDTH = 920  # px; bars are narrowed until the figure fits, as far as its labels allow
WIDEST, WIDEST_WITH_ALL = 300, 220  # px, widest bar; widest bar of a detailed figure
_BAR, _CIRCLE = 16, 9  # px: height of a bar, radius of a sign
_PITCH, _PITCH_OF_TWO = 27, 42  # px from row to row, with one or two lines of text
_FAN, _GATHER = 26, 40  # px, height in which branches spread out and come together
_BESIDE, _BETWEEN = 8, 16  # px from a bar to its label, and between branches
_TAIL = 8  # px of line after the last op of a branch
_THICK, _THIN = 6, 1.5
_QUIET = ("normalisation", "activation")
# They only reorder axes, or do nothing when the network is used.
_SILENT = ("permute", "unsqueeze", "squeeze", "dropout3d")
_SIGNS = {"add": "+", "mul": "×"}
_INPUT = Text("input", "输入")


@dataclass(frozen=True)
class _End:
    """The lower end of what is drawn so far of a branch.

    Args:
        x, y: middle of its lower edge, in px.
        width: of the edge, in px.
        line: thickness of the line that continues from here, in px.
    """

    x: float
    y: float
    width: float
    channels: int
    line: float = _THIN


def block_figure(report: Report, scope: str, language: str, ink: str, *, detailed: bool) -> Figure:
    """Draw a block of the report.

    Args:
        scope: the block.
        detailed: show normalisation and activations, too; labels then have one line, else two.
    """
    shown = flow(report, scope, leave_out=_SILENT if detailed else (*_QUIET, *_SILENT))
    drawing = _Drawing(shown, language, ink, two_lines=not detailed)
    words = Text("{scope}: {flow}.", "{scope}：{flow}。").format(scope=scope, flow=in_words(shown))
    caption = sentence(scope, shown)
    return Figure(drawing.svg(words(language)), words(language), caption(language))


class _Drawing:
    def __init__(self, shown: Flow, language: str, ink: str, *, two_lines: bool):
        self.shown, self.language, self.two_lines = shown, language, two_lines
        self.canvas = Canvas(ink)
        self.pitch = _PITCH_OF_TWO if two_lines else _PITCH
        self.channels = ops(shown)[0].input_shape[1]
        widest = WIDEST if two_lines else WIDEST_WITH_ALL
        self.scale = widest / max(self.channels, *map(channels_of, ops(shown)))
        while sum(self.extents(shown)) > WIDTH and self.scale > 0.02:
            self.scale *= 0.93

    def svg(self, words: str) -> str:
        start = _End(0, _BAR, self.bar(self.channels), self.channels)
        self.canvas.rect(-start.width / 2, 0, start.width, _BAR, "none")
        beside = start.width / 2 + _BESIDE
        text = f"{_INPUT(self.language)} · {self.channels}"
        self.canvas.text(beside, _BAR / 2, text, anchor="start")
        self.place(self.shown, start)
        return self.canvas.svg(words)

    def bar(self, channels: int) -> float:
        return max(2.0, self.scale * channels)

    def label(self, layer: Layer, parts: tuple[int, ...] = ()) -> list[str]:
        """The lines of text beside an op; for a concatenation, with the sum of its `parts`."""
        name = op_text(layer, self.language)
        if layer.kind in _QUIET:
            return [name]
        count = str(channels_of(layer))
        if len(parts) > 1:
            count = f"{' + '.join(map(str, parts))} = {count}"
        return [name, count] if self.two_lines else [f"{name} · {count}"]

    # layout: room to the left and to the right of each vertical axis

    def extents(self, shown: Flow) -> tuple[float, float]:
        sides = [(_THICK / 2, _THICK / 2)]
        parts: tuple[int, ...] = ()
        for index, segment in enumerate(shown):
            if isinstance(segment, Parallel):
                merge = merge_of(shown, index)
                sides.append(self._beside(segment, merge)[1])
                parts = parts_of(segment)
                continue
            label = max(map(text_width, self.label(segment.layer, summands(segment.layer, parts))))
            half = self._widest(shown, index) / 2
            if _has_sign(segment.layer):
                sides.append((label + _BESIDE + _CIRCLE, _CIRCLE))
            else:
                sides.append((half, half + _BESIDE + label))
            parts = ()
        return max(left for left, _ in sides), max(right for _, right in sides)

    def _widest(self, shown: Flow, index: int) -> float:
        """The width of the widest bar in the run of ops around `index`, to align their labels."""
        first, last = index, index
        while first and isinstance(shown[first - 1], Op):
            first -= 1
        while last + 1 < len(shown) and isinstance(shown[last + 1], Op):
            last += 1
        run = (segment for segment in shown[first : last + 1] if isinstance(segment, Op))
        return max(self.bar(channels_of(op.layer)) for op in run)

    def _beside(
        self, split: Parallel, merge: Layer
    ) -> tuple[list[float], tuple[float, float], list[int]]:
        """The axes of the branches relative to that of the split, their room, and their order."""
        order = _order(split, merge)
        sides = [self.extents(split.branches[index]) for index in order]
        around = shortcut(split, merge)
        if around is not None and (name := shortcut_name(split.branches[around])):
            left, right = sides[order.index(around)]
            word = text_width(name(self.language))
            sides[order.index(around)] = (left, max(right, _THICK + word))
        at, axes = 0.0, []
        for left, right in sides:
            axes.append(at + left)
            at += left + right + _BETWEEN
        total = at - _BETWEEN
        body = [a for a, index in zip(axes, order, strict=True) if index != around]
        axis = (
            body[0]
            if (len(order) == 2 and len(body) == 1) or merge.operation == "mul"
            else total / 2
        )
        return [a - axis for a in axes], (axis, total - axis), order

    def height(self, shown: Flow) -> float:
        rows = 0.0
        for segment in shown:
            if isinstance(segment, Op):
                rows += self.pitch
            else:
                rows += _FAN + _GATHER + _TAIL + max(map(self.height, segment.branches))
        return rows

    # drawing, from top to bottom

    def place(self, shown: Flow, start: _End) -> _End:
        """Draw a flow below `start`; return its lower end."""
        here = start
        ends: list[_End] = []
        for index, segment in enumerate(shown):
            if isinstance(segment, Parallel):
                ends = self._spread(segment, merge_of(shown, index), here)
                continue
            layer = segment.layer
            with self.canvas.part(layer.name, layer.name):
                if ends and layer.operation == "cat":
                    here = self._join(layer, ends, here.x)
                elif ends:
                    here = self._meet(layer, ends, here.x)
                else:
                    here = self._op(layer, here, self._widest(shown, index))
            ends = []
        return here

    def _op(self, layer: Layer, above: _End, widest: float) -> _End:
        channels = channels_of(layer)
        y, width = above.y + self.pitch - _BAR, self.bar(channels)
        self._ribbon(above, (above.x - width / 2, y, width))
        self._rect(layer, above.x, y, width)
        self._label(self.label(layer), above.x + widest / 2 + _BESIDE, y)
        return _End(above.x, y + _BAR, width, channels)

    def _rect(self, layer: Layer, x: float, y: float, width: float) -> None:
        self.canvas.rect(x - width / 2, y, width, _BAR, KINDS[layer.kind].colour)
        groups = groups_of(layer)
        if layer.operation == "conv2d" and 1 < groups <= width / 3:
            for cut in range(1, groups):
                at = x - width / 2 + width * cut / groups
                self.canvas.line([(at, y), (at, y + _BAR)], width=1)

    def _label(self, lines: list[str], x: float, y: float, anchor: str = "start") -> None:
        first = y + _BAR / 2 - (len(lines) - 1) * SIZE * 0.6
        for number, line in enumerate(lines):
            self.canvas.text(x, first + number * SIZE * 1.2, line, anchor=anchor)

    def _ribbon(self, above: _End, below: tuple[float, float, float]) -> None:
        """Draw a band from a map down to the stretch (left, top, width)."""
        left, top, width = below
        upper = [(above.x + side * above.width / 2, above.y) for side in (-1, 1)]
        self.canvas.shape([*upper, (left + width, top), (left, top)], "currentColor", opacity=0.16)

    def _spread(self, split: Parallel, merge: Layer, above: _End) -> list[_End]:
        """Draw the branches; return their lower ends, all at one height, from left to right."""
        axes, _, order = self._beside(split, merge)
        top = above.y + _FAN
        bottom = top + max(map(self.height, split.branches)) + _TAIL
        ends = []
        for axis, index in zip(axes, order, strict=True):
            branch, x = split.branches[index], above.x + axis
            around = index == shortcut(split, merge)
            width = _THICK if around else _THIN
            middle = above.y + _FAN / 2
            self.canvas.line(
                [(above.x, above.y), (above.x, middle), (x, middle), (x, top)], width=width
            )
            end = self.place(branch, _End(x, top, width, above.channels))
            last = branch[-1] if branch else None
            if isinstance(last, Op) and not around and not _has_sign(last.layer):
                self._ribbon(end, (x - end.width / 2, bottom, end.width))
            else:
                end = replace(end, width=width)
                self.canvas.line([(x, end.y), (x, bottom)], width=width)
            word = shortcut_name(branch) if around else None
            if word:
                y = (end.y + bottom) / 2
                self.canvas.text(x + _THICK, y, word(self.language), anchor="start")
            ends.append(replace(end, x=x, y=bottom, line=width))
        return ends

    def _join(self, layer: Layer, ends: list[_End], x: float) -> _End:
        """Draw a concatenation: each branch flows into its own stretch of the bar."""
        channels = channels_of(layer)
        y, width = ends[0].y + _GATHER, self.bar(channels)
        left = x - width / 2
        for end in ends:
            self._ribbon(end, (left, y, width * end.channels / channels))
            left += width * end.channels / channels
        self._rect(layer, x, y, width)
        left = x - width / 2
        for end in ends[:-1]:
            left += width * end.channels / channels
            self.canvas.line([(left, y), (left, y + _BAR)], width=1)
        label = self.label(layer, tuple(end.channels for end in ends))
        self._label(label, x + width / 2 + _BESIDE, y)
        return _End(x, y + _BAR, width, channels)

    def _meet(self, layer: Layer, ends: list[_End], x: float) -> _End:
        """Draw a sum or a product: all lines meet at its sign."""
        y = ends[0].y + _FAN
        for end in ends:
            self.canvas.line([(end.x, end.y), (end.x, y), (x, y)], width=end.line)
        self.canvas.circle(x, y, _CIRCLE, KINDS[layer.kind].colour)
        if layer.operation in _SIGNS:
            self.canvas.text(x, y, _SIGNS[layer.operation], ink=KINDS[layer.kind].ink)
        beside = x - _CIRCLE - _BESIDE
        self._label(self.label(layer), beside, y - _BAR / 2, anchor="end")
        return _End(x, y + _CIRCLE, _THIN, channels_of(layer))


def _has_sign(layer: Layer) -> bool:
    """Whether an op is drawn as a sign: a sum or product of two maps, not of a map and a number."""
    return layer.operation in _SIGNS and len(layer.input_shapes) > 1


def _order(split: Parallel, merge: Layer) -> list[int]:
    """The branches from left to right: in the order in which they are read, a shortcut last."""
    order = list(range(len(split.branches)))
    around = shortcut(split, merge)
    if merge.operation == "add" and around is not None:
        order.append(order.pop(around))
    return order
