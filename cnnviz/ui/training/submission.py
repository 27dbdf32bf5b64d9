"""The one door by which a visitor's jobs come into the queue."""

from cnnviz.numbers import clock
from cnnviz.text import Text
from cnnviz.training import service
from cnnviz.training.job import Job
from cnnviz.training.limits import Refused
from cnnviz.training.store import Submission
from cnnviz.ui.session import access, classroom
from cnnviz.ui.session.owner import owner
from cnnviz.ui.training import runs
from cnnviz.ui.training.place import seconds_until_room

_ROOM = Text(
    "There will be room in about {time}, if nobody else is quicker.",
    "预计约 {time}后有空位，先到先得。",
)


def submit(group: str, members: list[Submission]) -> list[Job]:
    """Put the visitor's jobs into the queue, all of them or none; see `Store.submit_group`.

    Raises:
        TrainingError: a teacher has locked training, the disk is full, or there is no room.
    """
    classroom.check_training()
    service.check_disk()
    service.ensure_dispatcher()
    try:
        return runs.store().submit_group(group, members, owner=owner(), address=access.address())
    except Refused as refusal:
        wait = seconds_until_room(refusal.over) if refusal.over else None
        if wait is None:
            raise
        when, why = _ROOM.format(time=clock(wait)), refusal.message
        said = Text(f"{why.en} {when.en}", f"{why.zh}{when.zh}")
        raise Refused(said, code=refusal.code, over=refusal.over) from refusal
