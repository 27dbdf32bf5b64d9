"""Lessons: answers against modules that are run, the files, and what is said of an answer."""

import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import torch
from conftest import ROOT
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.build import build_on_meta
from cnnviz.experiments import EXPERIMENTS
from cnnviz.knobs import SpecError
from cnnviz.labs import LABS
from cnnviz.lessons import COURSE, NAMES, find
from cnnviz.lessons.kinds import KINDS
from cnnviz.lessons.question import Question, check
from cnnviz.lessons.reading import read as read_lesson
from cnnviz.lessons.worksheet import worksheet
from cnnviz.text import Text
from cnnviz.ui.kit.address_link import parts
from cnnviz.ui.session.address import read, read_slot
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.look_address import read_look
from cnnviz.zoo import PRESETS

CHINESE = re.compile("[\u4e00-\u9fff]")
ASKED = [(name, step.name) for name in NAMES for step in find(name).steps if step.asked]
# one question of each kind; the others are left to the sweep
FEW = {find(name).step(step).asked.kind: (name, step) for name, step in reversed(ASKED)}
PARTS = {
    "linear": lambda name, module: isinstance(module, nn.Linear),
    "convolution": lambda name, module: isinstance(module, nn.Conv2d),
    "1x1": lambda name, module: getattr(module, "kernel_size", None) == (1, 1),
    "normalisation": lambda name, module: isinstance(module, nn.BatchNorm2d),
    "gates": lambda name, module: ".gate." in name,
}


class Ran:
    """A network's modules, and what each of them read and gave in one pass on the meta device."""

    def __init__(self, spec):
        self.spec, self.model = spec, build_on_meta(spec).eval()
        self.modules = dict(self.model.named_modules())
        self.read, self.gave, self.order = {}, {}, []
        for name, module in self.modules.items():
            if not list(module.children()):
                module.register_forward_pre_hook(self._reads(name))
                module.register_forward_hook(self._gives(name))
        self.error = None
        with torch.no_grad():
            try:
                self.model(torch.empty(spec.input_shape, device="meta"))
            except RuntimeError as error:
                self.error = error

    def _reads(self, name):
        def hook(module, inputs):
            self.order.append(name)
            self.read[name] = inputs[0]

        return hook

    def _gives(self, name):
        def hook(module, inputs, output):
            self.gave[name] = output

        return hook

    def macs(self, name):
        """Counted by torch, on the one module."""
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            self.modules[name](self.read[name])
        return counter.get_total_flops() // 2

    def params(self, chosen=lambda name, module: True):
        return sum(
            parameter.numel()
            for name, module in self.modules.items()
            if chosen(name, module)
            for parameter in module.parameters(recurse=False)
        )

    def total(self, measure, chosen=lambda name, module: True):
        if measure == "params":
            return self.params(chosen)
        return sum(
            self.macs(name)
            for name in self.read
            if isinstance(self.modules[name], nn.Conv2d | nn.Linear)
            and chosen(name, self.modules[name])
        )


def networks(question):
    """The specs of a question's address, as the pages read it."""
    page, query = parts(question.address)
    if page == "compare":
        return [read_slot(slot, query, "")[1] for slot in ("n1", "n2")]
    preset, spec, _ = read(query, "")
    assert preset.name in PRESETS
    return [spec]


def at(question):
    return parts(question.address)[1]["at"]


def output_size(question, asked):
    ran, name = Ran(networks(question)[0]), at(question)
    output = ran.gave.get(name)
    if output is None:  # a function inside of a module, such as a pooling with a weight
        output = ran.gave[name.rpartition(".")[0]]
    return output.shape[-1]


def layer_params(question, asked):
    module = Ran(networks(question)[0]).modules[at(question)]
    return sum(parameter.numel() for parameter in module.parameters())


def layer_macs(question, asked):
    return Ran(networks(question)[0]).macs(at(question))


def receptive_field(question, asked):
    """The pixels that move one unit, by autograd through the windows alone, one channel wide."""
    spec, layer = networks(question)[0], at(question)
    ran, windows = Ran(spec), []
    for name in ran.order:
        if not name.startswith(("C3.conv.from4", "C3.conv.from6")):  # beside from3
            windows += one_channel(ran, name)
        if name == layer or layer.startswith(f"{name}."):
            break
    side = 3 * spec.image_size  # so that no border cuts the field
    image = torch.zeros(1, 1, side, side, requires_grad=True)
    output = nn.Sequential(*windows)(image)
    middle = output.shape[-1] // 2
    output[0, 0, middle, middle].backward()
    return int((image.grad[0, 0].abs().sum(0) > 0).sum())


def one_channel(ran, name):
    """The window of a module as a mean, which all of its pixels move; [] if it has none."""
    module = ran.modules[name]
    if hasattr(module, "kernel_size"):
        return [nn.AvgPool2d(module.kernel_size, module.stride, module.padding)]
    before, after = ran.read[name].shape[-1], ran.gave[name].shape[-1]
    return [nn.AvgPool2d(2)] if before == 2 * after else []  # LeNet-5's, with a weight


def joined_channels(question, asked):
    ran, block = Ran(networks(question)[0]), at(question)
    branches = {}
    for name in ran.gave:
        if name.startswith(f"{block}."):
            branches[name.removeprefix(f"{block}.").split(".")[0]] = ran.gave[name].shape[1]
    return sum(branches.values())


def dense_channels(question, asked):
    """k₀ + l·k from the spec alone."""
    spec, block = networks(question)[0], int(at(question).removeprefix("block"))
    channels = spec.stem_channels
    for depth in spec.depths[: block - 1]:
        channels = int(spec.compression * (channels + depth * spec.growth_rate))
    layer = int(re.search(r"its layer (\d+)", question.prompt.en)[1])
    return channels + layer * spec.growth_rate


def share(question, asked):
    ran = Ran(networks(question)[0])
    return 100 * ran.total(asked.measure, PARTS[asked.part]) / ran.total(asked.measure)


def depth(question, asked):
    """As the papers print it."""
    named = {"vgg-a": 11, "vgg-b": 13, "vgg-d": 16, "vgg-e": 19, "googlenet": 22}
    preset = parts(question.address)[1]["preset"]
    return named.get(preset) or (34 if preset == "inception-bn" else int(preset.split("-")[1]))


def training_bytes(question, asked):
    """The bytes of tensors that torch's optimisers really keep, for one parameter."""
    prompt = question.prompt.en
    weight = nn.Parameter(torch.zeros(1000))
    if "Adam" in prompt:
        optimiser = torch.optim.Adam([weight])
    else:
        optimiser = torch.optim.SGD([weight], lr=1, momentum=0.9 * ("momentum" in prompt))
    weight.grad = torch.zeros_like(weight)
    optimiser.step()
    kept = [weight, weight.grad]
    kept += [one for one in optimiser.state[weight].values() if torch.is_tensor(one) and one.ndim]
    each = sum(one.numel() * one.element_size() for one in kept) / 1000
    return each * Ran(networks(question)[0]).params() / 1e6


def difference(question, asked):
    before, after = (Ran(spec).total(asked.measure) for spec in networks(question))
    return abs(before - after)


def ratio(question, asked):
    smaller, larger = sorted(Ran(spec).total(asked.measure) for spec in networks(question))
    return larger / smaller


def breaks_first(question, asked):
    """The last module that was entered and not left."""
    query = parts(question.address)[1]
    size = int(query["breaks"].partition(":")[2])
    too_small, _ = networks(question)[0].too_small(image_size=size)
    ran = Ran(too_small)
    assert ran.error
    return [option.en for option in question.options].index(ran.order[-1])


def smallest_image(question, asked):
    spec = networks(question)[0]
    assert Ran(spec.turn(image_size=int(question.answer))).error is None
    too_small, _ = spec.too_small(image_size=int(question.answer) - 1)
    assert Ran(too_small).error
    return question.answer


ORACLES = {
    "output-size": output_size,
    "layer-params": layer_params,
    "layer-macs": layer_macs,
    "receptive-field": receptive_field,
    "joined-channels": joined_channels,
    "dense-channels": dense_channels,
    "share": share,
    "depth": depth,
    "training-bytes": training_bytes,
    "difference": difference,
    "ratio": ratio,
    "breaks-first": breaks_first,
    "smallest-image": smallest_image,
}


def holds(name, step, seed):
    asked, question = find(name).step(step).asked, find(name).step(step).question(seed)
    expected = ORACLES[asked.kind](question, asked)
    assert question.answer == pytest.approx(expected, rel=1e-9), question.prompt.en
    assert not re.search("[）\u4e00-\u9fff] [\u4e00-\u9fff]", question.prompt.zh)
    for line in question.arithmetic:
        assert "{" not in line.en + line.zh
    if not question.options:
        last = re.findall(r"[\d,]+(?:\.\d+)?", question.shown.en)[0]
        assert check(question, last).is_right
        assert not check(question, f"{question.answer * 1.07 + 1:f}").is_right


def test_every_kind_is_asked_and_has_an_oracle():
    assert FEW.keys() == KINDS.keys() == ORACLES.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_that_of_the_modules(kind):
    holds(*FEW[kind], seed=1)


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "step"), ASKED)
def test_every_answer_is_that_of_the_modules(name, step):
    for seed in range(1, 7):
        holds(name, step, seed)


@pytest.mark.parametrize(
    ("kind", "shift"), [("layer-params", 1), ("output-size", 1), ("breaks-first", 1)]
)
def test_the_oracle_would_find_a_fault(kind, shift, monkeypatch):
    name, step = FEW[kind]
    right = find(name).step(step).question(1)
    wrong = replace(right, answer=(right.answer + shift) % max(len(right.options), 10**9))
    monkeypatch.setattr("cnnviz.lessons.lesson.question", lambda asked, seed: wrong)
    with pytest.raises(AssertionError):
        holds(name, step, seed=1)


def test_a_seed_draws_the_same_numbers_again_and_another_seed_others():
    step = find("densenet").step("channels")
    assert step.question(3) == step.question(3)
    assert len({step.question(seed).prompt for seed in range(1, 20)}) > 5


# What is said of an answer

NUMBER = Question(
    prompt=Text("?", "?"),
    answer=7_978_856,
    tolerance=0.005,
    hints=(),
    arithmetic=(),
    address="",
)
IN_MB = replace(NUMBER, answer=28.6, tolerance=0.03, unit=Text("MB", "MB"))
CHOICE = replace(NUMBER, answer=1, options=(Text("a", "a"), Text("b", "b")))


@pytest.mark.parametrize(
    ("question", "given", "is_right", "said"),
    [
        (NUMBER, "7,978,856", True, "Right: 7,978,856."),
        (NUMBER, " 7978856 ", True, "Right: 7,978,856."),
        (NUMBER, "7.98 M", True, "Right. Exactly, it is 7,978,856."),
        (NUMBER, "798万", True, "Right. Exactly, it is 7,978,856."),
        (NUMBER, "7，978，856", True, "Right: 7,978,856."),
        (NUMBER, "8.1M", False, "8,100,000 is too large. Try again."),
        (NUMBER, "-3", False, "−3 is too small. Try again."),
        (NUMBER, "many", None, "'many' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "", None, "'' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "1e3", None, "'1e3' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "٣", None, "'٣' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "9" * 99, None, f"'{'9' * 59}…' is not a number. Write it like"),
        (IN_MB, "28.6", True, "Right: 28.6 MB."),
        (IN_MB, "28.4 MB", True, "Right. Exactly, it is 28.6 MB."),
        (IN_MB, "28.6 M", None, "'28.6 M' is not a number of MB."),
        (CHOICE, "1", True, "Right: b."),
        (CHOICE, "0", False, "It is not a. Try again."),
        (CHOICE, "2", None, "Answer '2' is not one of the 2 options; choose one of them."),
        (CHOICE, "-1", None, "Answer '-1' is not one of the 2 options; choose one of them."),
    ],
)
def test_an_answer_is_judged_in_a_sentence(question, given, is_right, said):
    verdict = check(question, given)
    assert verdict.is_right is is_right
    assert verdict.said.en.startswith(said)
    assert CHINESE.search(verdict.said.zh)


# The files

BAD = """
title = { en = "A lesson" }
goals = []
extra = 1
[[steps]]
name = "one"
title = { en = "One", zh = "一" }
text = { en = "{a} and {b}", zh = "{a}" }
counts.a = "weight of vgg-d"
experiment = "degradatoin"
stops = ["lab?lab=dense"]
[steps.question]
kind = "share"
networks = ["vgg-z", "vgg-d:widht=3"]
layers = ["*"]
[[steps]]
name = "one"
text = { en = "{", zh = "无" }
discussion = { ask = { en = "?", zh = "吗？" }, answer = 3 }
[steps.prediction]
ask = { en = "?", zh = "吗？" }
then = { en = "!", zh = "！" }
right = "largest"
options = [{ en = "a", zh = "甲" }]
"""
FAULTS = (
    "title is {'en': 'A lesson'}; it must be text in both languages",
    "goals is []; it must be a list of 1 to 40 tables",
    "extra is not known here",
    "step 1: counts.a is 'weight of vgg-d'; it must be NUMBER of NETWORK",
    "step 1: experiment 'degradatoin' does not exist; the nearest are degradation",
    "step 1: stops 'lab' does not exist; the nearest are labs",
    "step 1: 'vgg-z' is no family or preset; the nearest are vgg",
    "step 1: widht is not a knob of vgg; the nearest are width",
    "step 1: layers is not known here",
    "step 1: measure is missing; write it.",
    "step 1: part is missing; write it.",
    "step 1: the text has {b}, and counts has no such number.",
    "step 1: {b} is in one language alone",
    "step 2: name 'one' is that of an earlier step, too.",
    "step 2: has prediction, discussion; a step has one of them at most.",
    "step 2: title is missing; write it.",
    "step 2: answer is 3; it must be text in both languages",
    "step 2: right is 'largest'; it must be most, least or left out",
    "step 2: a text has a bracket too many",
)


def test_a_file_is_told_all_of_its_faults_at_once():
    with pytest.raises(SpecError) as refusal:
        read_lesson("bad", BAD)
    said = [problem.message.en for problem in refusal.value.problems]
    for fault in FAULTS:
        assert any(fault in line for line in said), (fault, said)
    assert all(line.startswith("bad.toml") for line in said)
    assert all(CHINESE.search(problem.message.zh) for problem in refusal.value.problems)


def test_a_file_that_is_no_toml_is_told_where():
    with pytest.raises(SpecError, match="bad is not TOML: Invalid value"):
        read_lesson("bad", "title = ")


def test_the_documented_lesson_can_be_read():
    page = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    lesson = read_lesson("own", block)
    assert lesson.steps[0].told(lesson.steps[0].text).en.startswith("Of 138\N{NO-BREAK SPACE}M")
    assert lesson.steps[0].question(1)
    assert all(f"`{kind}`" in page for kind in KINDS)


def test_every_file_is_a_lesson_and_every_lesson_a_chapter():
    assert {path.stem for path in COURSE.glob("*.toml")} == set(NAMES)
    for name in NAMES:
        lesson = find(name)
        assert len(lesson.steps) >= 5
        assert any(step.asked for step in lesson.steps)
        assert any(step.prediction or step.discussion for step in lesson.steps)
    assert sum(bool(step.discussion) for name in NAMES for step in find(name).steps) >= 27
    with pytest.raises(SpecError, match="the nearest are densenet"):
        find("densenett")


def leaves(table):
    """Every pair of languages in a file."""
    if isinstance(table, dict) and table.keys() >= {"en", "zh"}:
        yield table
    elif isinstance(table, dict | list):
        for part in table.values() if isinstance(table, dict) else table:
            yield from leaves(part)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_written(name):
    found = list(leaves(tomllib.loads((COURSE / f"{name}.toml").read_text(encoding="utf-8"))))
    assert len(found) > 15
    for pair in found:
        assert not CHINESE.search(pair["en"]), pair
        assert CHINESE.search(pair["zh"]) or pair["zh"] == "ReLU" or pair["zh"] == "dropout", pair


STOPS = sorted({stop for name in NAMES for step in find(name).steps for stop in step.stops})


@pytest.mark.parametrize("address", STOPS)
def test_a_stop_leads_to_something_that_is_there(address):
    page, query = parts(address)
    assert (ROOT / "pages" / f"{page}.py").exists()
    assert query.get("lab", "dense") in LABS
    if page == "compare":
        for slot in query:
            assert read_slot(slot, query, "")[2] == []
    elif "preset" in query:
        preset, spec, problems = read(query, "")
        assert (preset.name, problems) == (query["preset"], [])
        look = {key: text for key, text in query.items() if key != "breaks"}
        assert read_look(look, cnnviz.analyze(spec), Look())[1] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_question_leads_to_what_it_asks_about(name):
    for step in find(name).steps:
        if not step.asked:
            continue
        _, query = parts(step.question(1).address)
        if "preset" in query:
            _, spec, problems = read(query, "")
            assert problems == []
            look = {key: text for key, text in query.items() if key != "breaks"}
            assert read_look(look, cnnviz.analyze(spec), Look())[1] == []


# On paper


class Page(HTMLParser):
    """The words of an HTML page; tags have to be closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def said(self):
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "vgg" else pytest.mark.sweep) for name in NAMES],
)
def test_a_worksheet_asks_and_its_solution_answers(name, language):
    lesson = find(name)
    sheet, solution = (
        Page(worksheet(lesson, seed=5, language=language, with_solution=solved)).said
        for solved in (False, True)
    )
    for step in lesson.steps:
        assert " ".join(step.told(step.text)(language).split()) in sheet
        if step.experiment:
            claim = EXPERIMENTS[step.experiment].claim(language)
            assert claim in solution
            assert (claim in sheet) != bool(step.prediction), "it would give the answer away"
        if question := step.question(5):
            assert question.prompt(language) in sheet
            answer = {"en": "Answer: ", "zh": "答案："}[language] + question.shown(language)
            assert answer in solution
            assert answer not in sheet
            for line in question.arithmetic:
                assert line(language) in solution
        if step.discussion:
            assert step.told(step.discussion.answer)(language) in solution
            assert step.told(step.discussion.answer)(language) not in sheet


def test_a_seed_gives_a_sheet_of_its_own_and_the_same_one_again():
    sheets = [worksheet(find("vgg"), seed=seed) for seed in (1, 2, 3, 1)]
    assert sheets[0] == sheets[3]
    assert all(one != other for one, other in pairwise(sheets))


def test_a_text_cannot_be_more_than_text():
    lesson = find("vgg")
    hostile = Text("<script>alert(1)</script>", "<b>粗体</b>")
    step = replace(lesson.steps[0], title=hostile, text=hostile)
    page = worksheet(replace(lesson, title=hostile, steps=(step,)))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_command_prints_a_sheet_or_writes_it(capsys, tmp_path):
    assert main(["worksheet", "vgg", "--seed", "7"]) == 0
    assert capsys.readouterr().out == worksheet(find("vgg"), seed=7)
    file = tmp_path / "sheet.html"
    more = ["--solution", "--language", "zh", "-o", str(file)]
    assert main(["worksheet", "vgg", "--seed", "7", *more]) == 0
    expected = worksheet(find("vgg"), seed=7, language="zh", with_solution=True)
    assert file.read_text(encoding="utf-8") == expected


def test_the_command_refuses_in_sentences(capsys):
    assert main(["worksheet", "vggg"]) == 2
    assert "'vggg' is no lesson; the nearest are vgg" in capsys.readouterr().err
    assert main(["worksheet", "vgg", "--seed", "0", "--language", "fr"]) == 2
    said = capsys.readouterr().err
    assert "seed is 0; it must be a whole number from 1 to 9999." in said
    assert "language is 'fr'; it must be one of en, zh." in said
