"""docs/zoo.md, docs/labs.md and docs/settings.md from the declarations: python -m cnnviz.docs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

import cnnviz
from cnnviz.config import PREFIX, Config
from cnnviz.families import Family
from cnnviz.knobs import Knob, format_value
from cnnviz.labs import LABS
from cnnviz.labs.lab import Lab, is_step
from cnnviz.zoo import FAMILIES

DOCS = Path(__file__).parents[1] / "docs"
ZOO = """# The zoo

Every family with its presets and knobs. This page is written by `make docs` from the declarations
in `cnnviz/zoo`; the counts are those of the built networks.
"""


LABS_PAGE = """# The labs

`/labs?lab=NAME` opens a lab: a part of the course that is done by hand, every number computed from
what is set. The address holds every setting, such as `/labs?lab=convolution&padding=1`; a matrix is
written as `kernel=0,1_2,3`. A lab is a folder in `cnnviz/labs` and its name in the registry there.
This page is written by `make docs` from the declarations.
"""

SETTINGS = """# Settings

What an administrator may set: as environment variables or, with less weight, as lines such as
`slots = 4` in a TOML file that `CNNVIZ_CONFIG` names; `~` is the home directory. They are read and
checked when the app, the dispatcher and the command line start; whatever is wrong is said all at
once. This page is written by `make docs` from the declarations in `cnnviz/config.py`.

| variable | in the file | default | accepts | meaning |
| --- | --- | --- | --- | --- |
"""


def zoo() -> str:
    """The page of the zoo as Markdown."""
    return "\n".join([ZOO, *(_family(family) for family in FAMILIES.values())])


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
    return "\n".join([f"## {family.title}", "", *presets, "", *_knobs(family.spec.knobs()), ""])


def _knobs(knobs: Iterable[Knob]) -> list[str]:
    """The lines of a table of knobs."""
    lines = [
        "| knob | symbol | default | accepts | what it does |",
        "|---|---|---|---|---|",
    ]
    for knob in knobs:
        symbol = knob.symbol or "–"
        default = format_value(knob.default)
        lines.append(f"| `{knob.name}` | {symbol} | {default} | {knob.rule.en} | {knob.help.en} |")
    return lines


def labs() -> str:
    """The page of the labs as Markdown."""
    return "\n".join([LABS_PAGE, *(_lab(lab) for lab in LABS.values())])


def _lab(lab: Lab) -> str:
    lines = [f"## {lab.title.en}: `{lab.name}`", "", lab.lead.en]
    lines += [f"Goals: {' '.join(goal.en for goal in lab.goals)}"]
    lines += [f"Sections: {'; '.join(section.title.en for section in lab.sections)}."]
    lines += [f"Sources: {lab.sources}.", ""]
    turned = [knob for knob in lab.settings.knobs() if not is_step(knob)]
    return "\n".join([*lines, *_knobs(turned), ""])


def settings() -> str:
    """The page of the server's settings as Markdown."""
    accepted = Config.model_json_schema()["properties"]
    rows = [
        f"| `{PREFIX}{name.upper()}` | `{name}` | {_default(name, field)} "
        f"| {_accepts(accepted[name])} | {field.description} |"
        for name, field in Config.model_fields.items()
    ]
    return SETTINGS + "\n".join(rows) + "\n"


def _default(name: str, field: FieldInfo) -> str:
    if name == "data":
        return "`~/.cache/cnnviz`"
    if isinstance(field.default, tuple):
        return ", ".join(f"`{value}`" for value in field.default)
    return "" if field.default is None else f"`{field.default}`"


def _accepts(schema: dict[str, Any]) -> str:
    """Return in words the values that a JSON schema accepts."""
    for option in schema.get("anyOf", ()):
        if option["type"] != "null":
            return _accepts(option)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    words = {"string": "text", "integer": "a whole number", "number": "a number", "array": "a list"}
    limits = [
        ("minimum", "from {}"),
        ("exclusiveMinimum", "above {}"),
        ("maximum", "to {:,}"),
        ("minLength", "of at least {} characters"),
    ]
    found = [form.format(schema[limit]) for limit, form in limits if limit in schema]
    kind = "a path" if schema.get("format") == "path" else words[schema["type"]]
    return " ".join([kind, *found])


if __name__ == "__main__":
    (DOCS / "zoo.md").write_text(zoo(), encoding="utf-8")
    (DOCS / "labs.md").write_text(labs(), encoding="utf-8")
    (DOCS / "settings.md").write_text(settings(), encoding="utf-8")
