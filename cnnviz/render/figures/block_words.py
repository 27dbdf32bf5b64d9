"""Text alternative of a block's figure, and its caption."""

from functools import partial

from cnnviz.render.figures.flow import (
    IDENTITY,
    Flow,
    Parallel,
    channels_of,
    merge_of,
    ops,
    parts_of,
    shortcut,
    shortcut_name,
    summands,
)
from cnnviz.render.kinds import op_text
from cnnviz.text import Text, joined


def in_words(shown: Flow) -> Text:
    """The ops of a flow with their channels, branches in brackets: conv 1×1 96, conv 3×3 128."""
    if not shown:
        return IDENTITY
    parts = []
    for segment in shown:
        if isinstance(segment, Parallel):
            beside = joined(
                Text(f"({one.en})", f"（{one.zh}）") for one in map(in_words, segment.branches)
            )
            template = Text("{n} branches {beside}", "{n} 条分支{beside}")
            parts.append(template.format(n=len(segment.branches), beside=beside))
        else:
            name = Text(*map(partial(op_text, segment.layer), Text._fields))
            parts.append(Text(*(f"{word} {channels_of(segment.layer)}" for word in name)))
    return joined(parts)


def sentence(scope: str, shown: Flow) -> Text:
    """One sentence on what is concatenated or added, and on the kind of shortcut."""
    values = {"scope": scope, "channels": ops(shown)[0].input_shape[1]}
    for index, segment in enumerate(shown):
        if not isinstance(segment, Parallel):
            continue
        merge = merge_of(shown, index)
        around = shortcut(segment, merge)
        if around is None and merge.operation != "cat":
            continue  # a squeeze-and-excitation gate
        if around is None:
            total = " + ".join(map(str, summands(merge, parts_of(segment))))
            return Text(
                "{scope}: {n} branches read {channels} channels, and {total} = {out} are joined.",
                "{scope}：{n} 条分支读取 {channels} 个通道，拼接为 {total} = {out} 个通道。",
            ).format(**values, n=len(segment.branches), total=total, out=channels_of(merge))
        word = shortcut_name(segment.branches[around]) or Text("pooling", "池化")
        return Text(
            "{scope}: from {channels} to {out} channels, with a shortcut (thick): {word}.",
            "{scope}：通道数由 {channels} 变为 {out}，粗线为捷径：{word}。",
        ).format(**values, out=channels_of(merge), word=word)
    return Text(
        "{scope}: from {channels} to {out} channels, without a shortcut.",
        "{scope}：通道数由 {channels} 变为 {out}，没有捷径。",
    ).format(**values, out=channels_of(ops(shown)[-1]))
