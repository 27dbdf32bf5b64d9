"""docs/zoo.md, written from the declarations: python -m cnnviz.docs."""

from pathlib import Path

import cnnviz
from cnnviz.families import Family
from cnnviz.knobs import format_value
from cnnviz.zoo import FAMILIES

TARGET = Path(__file__).parents[1] / "docs" / "zoo.md"
HEAD = """# The zoo

Every family with its presets and knobs. This page is written by `make docs` from the declarations
in `cnnviz/zoo`; the counts are those of the built networks.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(_family(family) for family in FAMILIES.values())])


def _family(family: Family) -> str:
    presets = [
        "| preset | parameters | MACs | depth | source |",
        "|---|---:|---:|---:|---|",
    ]
    for preset in family.presets:
        report = cnnviz.analyze(preset.spec)
        presets.append(
            f"| {preset.name} | {report.params:,} | {report.macs:,} | {report.depth} "
            f"| {preset.source} |"
        )
    knobs = [
        "| knob | symbol | default | accepts | what it does |",
        "|---|---|---|---|---|",
    ]
    for knob in family.spec.knobs():
        symbol = knob.symbol or "–"
        default = format_value(knob.default)
        knobs.append(f"| `{knob.name}` | {symbol} | {default} | {knob.rule.en} | {knob.help.en} |")
    return "\n".join([f"## {family.title}", "", *presets, "", *knobs, ""])


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
