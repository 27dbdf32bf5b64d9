"""What was measured as Markdown; pure functions."""

from benchmarks.gpu.section import Outcome, Row, Section


def document(machine: str, parts: list[tuple[Section, Outcome]]) -> str:
    """The whole file: the machine, and the sections that are through."""
    head = f"# On a GPU\n\n{machine}. Written by `python -m benchmarks.gpu`, see training.md.\n"
    return "\n".join((head, *(_part(section, outcome) for section, outcome in parts)))


def table(head: Row, rows: tuple[Row, ...]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def closing(outcome: Outcome) -> str:
    """How far a section came: "12 of 64 done, 1 failed; stopped after its 90 s."."""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    early = f"; {outcome.ended_by}" if outcome.ended_by else ""
    return f"{outcome.done} of {outcome.cases} done{failed}{early}."


def _part(section: Section, outcome: Outcome) -> str:
    rows = [table(outcome.head, outcome.rows)] if outcome.rows else []
    failures = ["\n".join(f"- Failed: {failure}" for failure in outcome.failures)]
    paragraphs = (f"## {section.title}", section.about, *rows, closing(outcome))
    return "\n\n".join((*paragraphs, *(failures if outcome.failures else ()))) + "\n"
