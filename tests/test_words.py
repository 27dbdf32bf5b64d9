"""Both languages say everything: no missing key, no untranslated text, no stray placeholder."""

import ast
import re
import string
import tomllib
from functools import cache
from pathlib import Path

import pytest
import streamlit

from cnnviz.analysis.ops.table import OPS
from cnnviz.config import Config, meaning
from cnnviz.knobs import SpecError, format_value
from cnnviz.labs import LABS
from cnnviz.render import blocks, colouring, counters_table, explain, kinds
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe
from cnnviz.ui.architecture.headline import _FIGURES
from cnnviz.ui.glossary.terms import glossary
from cnnviz.ui.kit.words import catalogue, streamlit_words
from cnnviz.zoo import FAMILIES, PRESETS

ROOT = Path(__file__).parents[1]
CHINESE = re.compile("[\u3001-\u9fff]")
SAME_IN_BOTH = {
    *("⤢", "↔", "◎"),
    "ReLU",
    "ReLU6",
    "SiLU",
    "GELU",
    "ELU",
    "sigmoid",
    "tanh",
    "RBF",
    "?",
    "✕",
    "–",
    "▸",
    "Adam",
    "SGD",
    "ImageNet",
    "CIFAR",
    "torchinfo",
    "cnnviz",
    "+",
    "−",
}  # signs and names
COUNTED = r"\{(?:count|n|total|rows|seeds|epochs?|days|hours|steps|done|blocks|layers|stages|jobs)"
SETTINGS = {
    settings.family: settings
    for settings in (
        *(family.spec for family in FAMILIES.values()),
        *(lab.settings for lab in LABS.values()),
        Recipe,
    )
}
ONE_WORD = {  # what is not said, and what is said for it
    "归一化": "规范化",
    "(?<!数值)(?<!单)(?<!半)(?<!混合)精度": "准确率, or 数值精度",
    "初级模块": "朴素模块",
    "动量法|动量 SGD|SGD \\+ 动量": "带动量的 SGD",
    "学习率策略": "学习率调度",
    "竞赛": "对比训练",
    "对手": "对比对象",
    "把握": "置信度",
    "逐步": "每步",
    "层图": "网络结构图",
    "代价": "计算量",
    "[单双]塔|塔数|两路": "双数据流",
    "[进退][入出]流程|中间流程": "入口流, 中间流, 出口流",
    "评估": "测试, or 推断",
    "课程表": "教材表",
    "(?<!实时)运行进程": "实时运行进程",
}


def sources():
    return [*ROOT.glob("cnnviz/ui/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]


def texts():
    """Every Text of the product with the place it comes from."""
    yield from catalogue().items()
    for name, term in glossary().items():
        yield f"glossary {name}", term.name
        yield f"glossary {name}", term.definition
        yield f"glossary {name}", term.shows
    for name, family in FAMILIES.items():
        for knob in family.spec.knobs():
            for part in (knob.label, knob.help, knob.group, knob.rule, *knob.choice_labels):
                yield f"{name}.{knob.name}", part
    for name, lab in LABS.items():
        yield from ((name, part) for part in (lab.title, lab.lead))
        for section in lab.sections:
            yield from ((name, one.text) for one in section.tries)
        yield from ((name, place.text) for place in lab.places)
        for knob in lab.settings.knobs():
            for part in (knob.label, knob.help, knob.group, knob.rule, *knob.choice_labels):
                yield f"{name}.{knob.name}", part
    for name, kind in kinds.KINDS.items():
        yield name, kind.label
        yield name, kind.mark
    for name, edge in kinds.EDGES.items():
        yield name, edge.label
    for name, measure in colouring.MEASURES.items():
        yield name, measure.label
    yield from blocks.BLOCKS.items()
    yield from kinds.OPERATIONS.items()
    yield from kinds.COUNTED.items()
    yield from counters_table._CAUSES.items()
    yield from counters_table._MEASURES.items()
    yield from ((name, op.says) for name, op in OPS.items() if op.says.en)
    yield from explain.blocks.BLOCKS.items()
    for name in Config.model_fields:
        yield name, meaning(name)


def placeholders(template: str) -> list[str]:
    """The values that a text shows; those that English words agree with are shown, too."""
    parts = string.Formatter().parse(template)
    return sorted(field for _, field, spec, _ in parts if field and "|" not in (spec or ""))


def is_in_both(text: Text) -> bool:
    return bool(
        text.en.strip()
        and not CHINESE.search(text.en)
        and (CHINESE.search(text.zh) or text.zh in SAME_IN_BOTH or text.zh.isdigit())
        and placeholders(text.en) == placeholders(text.zh)
    )


def test_every_text_is_there_in_both_languages():
    found = list(texts())
    assert len(found) > 3000
    assert [(place, text) for place, text in found if not is_in_both(text)] == []


def literal_texts():
    """Every Text("…", "…") that is written in the code, messages included."""
    for path in ROOT.glob("cnnviz/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
                values = [a.value for a in node.args if isinstance(a, ast.Constant)]
                if len(values) == 2 and any(values):
                    yield f"{path.stem}:{node.lineno}", Text(*values)


def test_every_text_in_the_code_is_translated():
    found = list(literal_texts())
    assert len(found) > 2000
    assert [(place, text) for place, text in found if not is_in_both(text)] == []


def test_english_agrees_with_one():
    told = Text("{count} run{count:|s} {count:was|were} kept", "保留 {count} 次训练")
    assert told.format(count=1).en == "1 run was kept"
    assert told.format(count=0).en == "0 runs were kept"
    assert told.format(count="1,000") == Text("1,000 runs were kept", "保留 1,000 次训练")


def test_a_number_of_things_may_be_one():
    ends = re.compile(COUNTED + r"\}\** (?!is|was|has)[a-z]+s\b")
    assert ends.search("**{count} runs** and")
    assert not ends.search("{count} run{count:|s}, {n} of all terms")
    found = catalogue().items()
    assert [(key, text.en) for key, text in found if ends.search(text.en)] == []


def strings(table):
    """Every string of a TOML table."""
    for value in table.values() if isinstance(table, dict) else table:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from strings(value)


@cache
def chinese():
    """Every Chinese string of the product with its file."""
    found = []
    for path in ROOT.glob("cnnviz/**/*.toml"):
        found += [(path.name, s) for s in strings(tomllib.loads(path.read_text(encoding="utf-8")))]
    for path in ROOT.glob("cnnviz/**/*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        constants = (node.value for node in nodes if isinstance(node, ast.Constant))
        found += [(path.name, value) for value in constants if isinstance(value, str)]
    return [(name, text) for name, text in found if CHINESE.search(text)]


@pytest.mark.parametrize("unsaid", ONE_WORD)
def test_an_idea_has_one_word_in_chinese(unsaid):
    assert [found for found in chinese() if re.search(unsaid, found[1])] == [], ONE_WORD[unsaid]


def test_chinese_has_commas_of_its_own():
    assert [
        found for found in chinese() if re.search("[\u4e00-\u9fff],|, ?[\u4e00-\u9fff]", found[1])
    ] == []


@pytest.mark.parametrize("name", SETTINGS)
def test_a_help_calls_choices_by_their_labels(name):
    for knob in SETTINGS[name].knobs():
        for choice, label in zip(knob.choices, knob.choice_labels, strict=False):
            if isinstance(choice, str):
                said = rf"(?<![\w-]){re.escape(choice)}(?![\w-])"
                for text, shown in zip(knob.help, label, strict=True):
                    assert not re.search(said, text) or choice in shown.split(), text


@pytest.mark.parametrize("name", SETTINGS)
def test_a_knob_is_refused_by_its_label_on_the_pages_and_by_its_name_elsewhere(name):
    for knob in SETTINGS[name].knobs():
        problem = knob.problem("x")
        for shown, label in zip(problem.shown, knob.label, strict=True):
            assert shown.startswith(label)
        assert problem.message.en.startswith(f"{knob.name} is ")
        for choice in knob.choices:
            assert knob.show(choice).zh in problem.shown.zh
            assert format_value(choice) in problem.message.en


@pytest.mark.parametrize(
    ("preset", "knobs", "zh"),
    [
        (
            "plain-20",
            {"order": "pre-activation"},
            "运算顺序为“完全预激活”；.*请取“原始”，或打开残差连接",
        ),
        ("resnet-18", {"groups": 2}, "分组数为 2；.*请选择瓶颈块，或取 1"),
        (
            "vgg-d",
            {"depths": (1, 1)},
            "各块的通道数有 5 个数，而块只有 2 个.*或在各块的卷积层数中增加块",
        ),
        ("xception", {"separable": False, "between": "relu"}, "请取“无”，或打开深度可分离卷积"),
        ("densenet-121", {"image_size": 8}, "图像边长为 8 像素；.*或改用 CIFAR 初始层"),
        ("alexnet-2012", {"channels": (95, 256, 384, 384, 256)}, "C1 至 C5 的通道数中有 95"),
    ],
)
def test_a_conflict_is_told_in_the_words_of_the_page(preset, knobs, zh):
    with pytest.raises(SpecError) as refusal:
        PRESETS[preset].spec.turn(**knobs)
    shown = refusal.value.problems[0].shown
    assert re.search(zh, shown.zh), shown.zh
    names = [knob.name for knob in PRESETS[preset].spec.knobs() if "_" in knob.name]
    assert not any(name in text for name in names for text in shown)
    assert all(knob in str(refusal.value) for knob in list(knobs)[-1:])


def test_a_knob_at_a_value_has_name_symbol_and_label():
    spec = PRESETS["se-resnet-50"].spec
    assert spec.knob("reduction").mark(16) == ("SE reduction r = 16", "SE 缩减比 r = 16")
    assert PRESETS["lenet-5"].spec.knob("activation").mark("relu").zh == "激活函数 = ReLU"
    assert PRESETS["densenet-121"].spec.knob("growth_rate").mark(12).zh == "增长率 k = 12"


def test_every_block_has_a_name_and_a_sentence():
    assert set(blocks.BLOCKS) == {*explain.blocks.BLOCKS, "Sequential"}


@cache
def bundle():
    """The scripts that Streamlit sends to the browser."""
    files = Path(streamlit.__file__).parent.glob("static/static/js/*.js")
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_streamlits_words_are_streamlits_and_can_be_turned_back():
    words = streamlit_words()
    assert len(words["en"]) == len(words["zh"])
    for english, chinese in words["zh"].items():
        assert CHINESE.search(chinese), english
        assert english.count("{}") == chinese.count("{}")
        for part in english.split("{}"):
            assert part.strip(" :") in bundle(), english


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
    for lab in LABS.values():
        for knob in lab.settings.knobs():
            assert knob.term in glossary(), knob.name
    for _, term, _ in _FIGURES:
        assert term in glossary()
