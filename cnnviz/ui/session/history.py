"""Undo and redo: what a slot or a lab has shown."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cnnviz.ui.kit.drags import Drag

_REMEMBERED = 100  # steps of undo
State = TypeVar("State")


@dataclass
class History(Generic[State]):
    """The networks, or a lab's settings, before those on screen, and those that were undone.

    Dragging a slider shows many of them but is one step. The drag ends with its last value or
    with the slider's own report, whichever comes first.

    Args:
        past, future: steps of undo and redo; the last one is next.
        drag: the current drag and the state before it; None if no slider is dragged.
    """

    past: list[State] = field(default_factory=list)
    future: list[State] = field(default_factory=list)
    drag: tuple[Drag, State] | None = None
    _ended: int | None = None

    def remember(self, state: State) -> None:
        """Add a state to which undo returns."""
        self.past.append(state)
        del self.past[:-_REMEMBERED]
        self.future.clear()

    def undo(self, now: State) -> State | None:
        """The state before the last step; None if there is no step."""
        return _travel(self.past, self.future, now)

    def redo(self, now: State) -> State | None:
        """The state after the step that was undone last; None if there is no such step."""
        return _travel(self.future, self.past, now)

    def follow(self, drag: Drag, now: State) -> bool:
        """Return whether a drag is under way; a new drag starts, and ends the previous one."""
        if drag.gesture == self._ended:
            return False
        if self.drag is None or self.drag[0].gesture != drag.gesture:
            self.let_go(now)
            self.drag = drag, now
        return True

    def let_go(self, now: State, but: str = "") -> None:
        """End the current drag, if any; it is a step if the state has changed.

        Args:
            but: key of a slider whose drag is not ended.
        """
        if self.drag and self.drag[0].slider != but:
            (drag, before), self.drag = self.drag, None
            self._ended = drag.gesture
            if before != now:
                self.remember(before)


def _travel(source: list[State], target: list[State], now: State) -> State | None:
    if not source:  # a second click may arrive before the button is disabled
        return None
    target.append(now)
    return source.pop()
