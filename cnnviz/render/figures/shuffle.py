"""Figure of a channel shuffle as a permutation: a line from each channel to its new place."""

from cnnviz.analysis.report import Report
from cnnviz.render.figures.canvas import Canvas, Figure
from cnnviz.render.kinds import groups_of
from cnnviz.render.training_charts import COLOURS
from cnnviz.text import Text

_MOST = 48  # channels drawn
_ROOM = 860  # px, width of a row
_HEIGHT = 170  # px between the rows
_CELL = 18  # px
_DARK, _WHITE, _BLACK = COLOURS[0], "#FFFFFF", "#111827"  # white is legible on _DARK only


def shuffled(channels: int, groups: int) -> list[int]:
    """The new place of each channel, as in torch.nn.ChannelShuffle.

    Channel i·n + j, the j-th of n in group i of g, goes to j·g + i. With 6 channels in 2 groups,
    for example, channels 0 1 2 3 4 5 go to 0 2 4 1 3 5.
    """
    size = channels // groups
    return [channel % size * groups + channel // size for channel in range(channels)]


def shuffles(report: Report) -> tuple[str, ...]:
    """The names of the channel shuffles."""
    return tuple(layer.name for layer in report.layers if layer.operation == "channel_shuffle")


def grouped(report: Report) -> tuple[str, ...]:
    """The names of the grouped convolutions, depthwise ones excluded."""
    return tuple(
        layer.name
        for layer in report.layers
        if layer.kind == "grouped convolution" and groups_of(layer) < layer.input_shape[1]
    )


def shuffle_figure(report: Report, name: str, language: str, ink: str) -> Figure:
    """Draw a shuffle; a grouped convolution is drawn as groups that stay apart.

    Args:
        name: of the op.
    """
    layer = next(layer for layer in report.layers if layer.name == name)
    channels, groups = layer.input_shape[1], groups_of(layer)
    mixed = layer.operation == "channel_shuffle"
    size = channels // groups
    drawn = min(size, max(_MOST // groups, 2))
    targets = shuffled(drawn * groups, groups) if mixed else list(range(drawn * groups))
    canvas = Canvas(ink)
    with canvas.part(name, name):
        _draw(canvas, targets, groups, language)
    values = {"name": name, "channels": channels, "groups": groups, "size": size}
    rule = Text(
        "{name}: {channels} channels in {groups} groups of {size}; channel i·{size} + j goes to "
        "place j·{groups} + i.",
        "{name}：{channels} 个通道分为 {groups} 组，每组 {size} 个；"
        "第 i·{size} + j 个通道移到第 j·{groups} + i 位。",
    )
    if not mixed:
        rule = Text(
            "{name}: {channels} channels in {groups} groups of {size}; without a shuffle no group "
            "sees what another has found.",
            "{name}：{channels} 个通道分为 {groups} 组，每组 {size} 个；"
            "没有通道混洗，各组之间互不相通。",
        )
    rule = rule.format(**values)
    caption = rule
    if drawn < size:
        part = Text(" Drawn with {n} a group.", "图中每组画 {n} 个。").format(n=drawn)
        caption = Text(rule.en + part.en, rule.zh + part.zh)
    said = Text(
        "{rule} In order, the places are filled by channels {order}.",
        "{rule}各位置依次为通道 {order}。",
    ).format(rule=caption, order=" ".join(map(str, _inverse(targets))))
    return Figure(canvas.svg(said(language)), said(language), caption(language))


def _draw(canvas: Canvas, targets: list[int], groups: int, language: str) -> None:
    size = len(targets) // groups
    pitch = min(_ROOM / len(targets), 40)
    cell = min(_CELL, pitch * 0.9)
    for channel, target in enumerate(targets):
        colour = COLOURS[channel // size % len(COLOURS)]
        ends = [(channel * pitch, cell), (target * pitch, _HEIGHT)]
        canvas.line(ends, width=2, colour=colour)
    for row, order in ((0, list(range(len(targets)))), (_HEIGHT, _inverse(targets))):
        for place, channel in enumerate(order):
            colour = COLOURS[channel // size % len(COLOURS)]
            canvas.rect(place * pitch - cell / 2, row, cell, cell, colour)
            ink = _WHITE if colour == _DARK else _BLACK
            canvas.text(place * pitch, row + cell / 2, str(channel // size + 1), ink=ink)
    group = Text("group {n}", "第 {n} 组")
    for number in range(groups):
        middle = (number * size + (size - 1) / 2) * pitch
        name = (
            group.format(n=number + 1)(language)
            if groups <= 8 and size * pitch > 70
            else str(number + 1)
        )
        canvas.text(middle, -12, name)
        canvas.text(middle, _HEIGHT + cell + 14, name)


def _inverse(targets: list[int]) -> list[int]:
    """The channel at each place."""
    return sorted(range(len(targets)), key=targets.__getitem__)
