"""The states of a training job; this module needs neither torch nor the zoo."""

from enum import StrEnum


class JobState(StrEnum):
    """The state of a job; the value is the word in the store.

    Example:
        QUEUED → RUNNING → DONE; a job whose process was lost goes from RUNNING back to QUEUED.
    """

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNREADABLE = "unreadable"  # the request cannot be read, as in a file from elsewhere

    @property
    def is_active(self) -> bool:
        """Whether the job waits or runs."""
        return self in ACTIVE


ACTIVE = (JobState.QUEUED, JobState.RUNNING)
ENDED = (JobState.DONE, JobState.CANCELLED, JobState.FAILED, JobState.UNREADABLE)
