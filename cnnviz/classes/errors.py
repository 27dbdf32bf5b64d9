"""The error of classes."""

from cnnviz.text import ExplainedError


class ClassError(ExplainedError):
    """Something that a class, a question or an answer cannot be; nothing has changed."""
