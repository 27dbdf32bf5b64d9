"""The error of training jobs."""

from cnnviz.text import ExplainedError, Text

DIVERGED = "diverged"  # the code of training whose loss is no number any more


class TrainingError(ExplainedError):
    """A training job is refused, or cannot be started or finished.

    Args:
        code: the reason in one word, for programs, such as "time_limit".
    """

    def __init__(self, message: Text, *, code: str):
        super().__init__(message)
        self.code = code
