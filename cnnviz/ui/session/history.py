"""What undo and redo go through: the networks that a slot has shown."""

from dataclasses import dataclass, field

from cnnviz.families import Preset, Spec
from cnnviz.ui.kit.drags import Drag

_REMEMBERED = 100  # steps of undo
State = tuple[Preset, Spec]


@dataclass
class History:
    """The networks before the one on screen, and those that were undone.

    A drag of a slider passes many networks and is one step. It ends once: with its last value or
    the slider's own report, whichever comes first.

    Args:
        past, future: what undo and redo go through, the next one last.
        drag: the one that goes on, and the network before it; None for none.
    """

    past: list[State] = field(default_factory=list)
    future: list[State] = field(default_factory=list)
    drag: tuple[Drag, State] | None = None
    _ended: int | None = None

    def remember(self, state: State) -> None:
        """Make a step from a state, so that undo comes back to it."""
        self.past.append(state)
        del self.past[:-_REMEMBERED]
        self.future.clear()

    def undo(self, now: State) -> State | None:
        """The state before the last step, if there is one."""
        return _travel(self.past, self.future, now)

    def redo(self, now: State) -> State | None:
        """The state after the step that was undone last, if there is one."""
        return _travel(self.future, self.past, now)

    def follow(self, drag: Drag, now: State) -> bool:
        """Return whether a drag goes on; a new one begins, and ends the one before, if any."""
        if drag.gesture == self._ended:
            return False
        if self.drag is None or self.drag[0].gesture != drag.gesture:
            self.let_go(now)
            self.drag = drag, now
        return True

    def let_go(self, now: State, but: str = "") -> None:
        """End the drag that goes on, if any; one that led elsewhere is a step.

        Args:
            but: the slider whose drag goes on all the same.
        """
        if self.drag and self.drag[0].slider != but:
            (drag, before), self.drag = self.drag, None
            self._ended = drag.gesture
            if before != now:
                self.remember(before)


def _travel(source: list[State], target: list[State], now: State) -> State | None:
    if not source:  # a second click may come before the button is seen to be disabled
        return None
    target.append(now)
    return source.pop()
