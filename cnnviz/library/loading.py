"""`cnnviz.load_report`: a report from the trace that `report.save` has written."""

from os import PathLike
from pathlib import Path

from cnnviz.analysis import Report
from cnnviz.analysis.traces import MOST_BYTES, TraceError, from_json
from cnnviz.exports.interactive import network_json
from cnnviz.exports.sections import field
from cnnviz.exports.style import Style
from cnnviz.render.kinds import KINDS
from cnnviz.text import LANGUAGES, Text

_BLOCK = "block"  # the kind of what is no op

_UNSEEN = Text(
    "This trace cannot be shown ({why}). Save it anew with report.save.",
    "无法显示此追踪文件（{why}）。请用 report.save 重新保存。",
)


def load_report(file: str | PathLike[str]) -> Report:
    """Read a trace, which may come from anybody; nothing in it is run.

    >>> cnnviz.analyze(my_module, (1, 3, 224, 224)).save("net.json")
    >>> report = cnnviz.load_report("net.json")

    Raises:
        OSError: the file cannot be read.
        TraceError: it is too long, no trace, or one that cannot be shown.
    """
    with Path(file).open("rb") as stream:
        return opened(stream.read(MOST_BYTES + 1))


def opened(text: bytes) -> Report:
    """The report in a trace that every view can show.

    Raises:
        TraceError: as `load_report`.
    """
    report = from_json(text)
    try:
        _check_kinds(report)
        for language in LANGUAGES:
            style = Style(language=language)
            network_json(report, "", style, (language,))
            field(report, style)
    except Exception as error:  # numbers that have the form of a network's, and are of none
        why = f"{type(error).__name__}: {error}"[:200]
        raise TraceError(_UNSEEN.format(why=why)) from None
    return report


def _check_kinds(report: Report) -> None:
    """Raise KeyError for an op of a kind that is not drawn."""
    for layer in report.layers:
        if layer.kind not in KINDS or layer.kind == _BLOCK:
            raise KeyError(layer.kind)
