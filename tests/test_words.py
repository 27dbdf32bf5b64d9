"""Both languages say everything: no missing key, no untranslated text, no stray placeholder."""

import ast
import re
import string
from pathlib import Path

import pytest

from cnnviz.config import Config, meaning
from cnnviz.render import counters_table, explain, kinds
from cnnviz.text import Text
from cnnviz.ui.panels import _FIGURES
from cnnviz.ui.words import catalogue, glossary
from cnnviz.zoo import FAMILIES

ROOT = Path(__file__).parents[1]
CHINESE = re.compile("[\u3001-\u9fff]")
SAME_IN_BOTH = {
    "ReLU",
    "ReLU6",
    "ELU",
    "RBF",
    "ImageNet",
    "CIFAR",
    "torchinfo",
    "cnnviz",
    "+",
    "−",
}  # signs and names


def sources():
    return [*ROOT.glob("cnnviz/ui/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]


def texts():
    """Every Text of the product with the place it comes from."""
    yield from catalogue().items()
    for name, term in glossary().items():
        yield f"glossary {name}", term.name
        yield f"glossary {name}", term.definition
    for name, family in FAMILIES.items():
        for knob in family.spec.knobs():
            for part in (knob.label, knob.help, knob.group, knob.rule, *knob.choice_labels):
                yield f"{name}.{knob.name}", part
    for name, kind in kinds.KINDS.items():
        yield name, kind.label
    yield from kinds.OPERATIONS.items()
    yield from kinds.COUNTED.items()
    yield from counters_table._CAUSES.items()
    yield from counters_table._MEASURES.items()
    yield from explain._OPS.items()
    yield from explain._BLOCKS.items()
    for name in Config.model_fields:
        yield name, meaning(name)


def placeholders(template: str) -> list[str]:
    return sorted(field for _, field, _, _ in string.Formatter().parse(template) if field)


@pytest.mark.parametrize(("place", "text"), list(texts()))
def test_a_text_is_there_in_both_languages(place, text):
    assert text.en.strip(), place
    assert not CHINESE.search(text.en), place
    assert CHINESE.search(text.zh) or text.zh in SAME_IN_BOTH, place
    assert placeholders(text.en) == placeholders(text.zh), place


def literal_texts():
    """Every Text("…", "…") that is written in the code, messages included."""
    for path in ROOT.glob("cnnviz/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
                values = [a.value for a in node.args if isinstance(a, ast.Constant)]
                if len(values) == 2 and any(values):
                    yield pytest.param(Text(*values), id=f"{path.stem}:{node.lineno}")


@pytest.mark.parametrize("text", list(literal_texts()))
def test_a_text_in_the_code_is_translated(text):
    assert text.en.strip()
    assert CHINESE.search(text.zh) or text.zh in SAME_IN_BOTH
    assert placeholders(text.en) == placeholders(text.zh)


def test_keys_in_use_exist_and_all_keys_are_in_use():
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources())
    used = set(re.findall(r"""\bt\(\s*f?["']([a-z_]+\.[a-z_0-9{}.]+)["']""", code))
    for key in used:
        pattern = re.compile(re.sub(r"\{[^}]*\}", "[a-z_0-9]+", key.replace(".", r"\.")))
        assert any(map(pattern.fullmatch, catalogue())), f"no text for {key}"
    patterns = [
        re.compile(re.sub(r"\{[^}]*\}", "[a-z_0-9]+", key.replace(".", r"\."))) for key in used
    ]
    unused = [key for key in catalogue() if not any(p.fullmatch(key) for p in patterns)]
    assert unused == []


def test_no_text_of_the_interface_is_written_in_one_language():
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        pairs = [call for call in calls if getattr(call.func, "id", "") == "Text"]
        inside = {id(part) for pair in pairs for part in ast.walk(pair)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                alone = CHINESE.search(node.value) and id(node) not in inside
                assert not alone or node.value == "中文", (path, node.value)


def test_every_term_that_is_linked_is_in_the_glossary():
    for family in FAMILIES.values():
        for knob in family.spec.knobs():
            assert knob.term in glossary(), knob.name
    for _, term, _ in _FIGURES:
        assert term in glossary()
