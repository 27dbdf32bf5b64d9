"""What cannot be taken away."""

from cnnviz.text import ExplainedError, Text, joined


class ExportError(ExplainedError):
    """A file that cannot be written or read, and why."""


def unknown_ending(ending: str, known: tuple[str, ...]) -> ExportError:
    message = Text(
        "{ending} is no ending that can be written; there are {known}.",
        "无法写出以 {ending} 结尾的文件；可用的有 {known}。",
    )
    shown = Text(ending, ending) if ending else Text("A name without ending", "没有扩展名的文件名")
    return ExportError(message.format(ending=shown, known=joined(known)))
