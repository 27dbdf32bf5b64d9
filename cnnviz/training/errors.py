"""What goes wrong with training."""

from cnnviz.text import ExplainedError, Text


class TrainingError(ExplainedError):
    """A training job that is not taken, not started or not finished.

    Args:
        code: the reason in one word, for programs, such as "time_limit".
    """

    def __init__(self, message: Text, *, code: str):
        super().__init__(message)
        self.code = code
