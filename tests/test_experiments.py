"""Experiments: what is declared, how arms are run and judged, and the command."""

import json
from dataclasses import replace
from math import inf, isclose

import pytest
import torch
from training_requests import request

import cnnviz
from cnnviz.__main__ import main
from cnnviz.experiments import EXPERIMENTS, find
from cnnviz.experiments import command as commands
from cnnviz.experiments.budget import SHARES, fitted, shortened
from cnnviz.experiments.experiment import (
    TEST_ACCURACY,
    Arm,
    Experiment,
    Measure,
    probed,
    verdict,
)
from cnnviz.experiments.outcome import Kept, Outcome, outcome_of
from cnnviz.experiments.runner import collected, run
from cnnviz.knobs import SpecError
from cnnviz.text import Text
from cnnviz.training import probes
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Ended, Epoch, Failed, Measured, Started, Step
from cnnviz.training.recipe import Recipe
from cnnviz.training.worker import run_job

every_experiment = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
TEN = tuple((f"{n}", f"{n}") for n in range(10))


def outcome(train=0.5, test=0.5, loss=1.0, *, seconds=(2.0,), ended_by="epochs"):
    epochs = [
        Epoch(
            epoch=n,
            train_loss=loss,
            train_accuracy=train,
            test_loss=loss,
            test_accuracy=test * n / len(seconds),
            seconds=one,
        )
        for n, one in enumerate(seconds, start=1)
    ]
    steps = [Step(step=1, gradient_norms=(1e-9, 1.0)), Step(step=9, gradient_norms=(0.5, 1.0))]
    end = Ended(ended_by=ended_by, total_seconds=9.0, top5_accuracy=0.9)
    return outcome_of([Started(classes=TEN), *steps, *epochs, end])


def diverged():
    return outcome_of([Started(classes=TEN), Failed(code="diverged")])


def two_arms(*, rate=0.05, holds=lambda figures: figures["a"] > figures["b"], images=64):
    """A LeNet with ReLU against one with sigmoids, for a moment."""
    text = Text("x", "x")
    arms = tuple(
        Arm(
            name,
            Text(name, name),
            "lenet-d2l",
            cnnviz.spec("lenet-d2l", activation=activation, pooling="max"),
            Recipe(epochs=1, images=images, batch_size=32, learning_rate=rate),
        )
        for name, activation in (("a", "relu"), ("b", "sigmoid"))
    )
    return Experiment(
        name="two",
        title=text,
        claim=text,
        source=text,
        question=text,
        options=(text, text),
        claimed=0,
        arms=arms,
        measure=TEST_ACCURACY,
        holds=holds,
        rule=text,
        why=text,
        limits=text,
    )


@every_experiment
def test_an_experiment_is_whole(experiment):
    assert 0 <= experiment.claimed < len(experiment.options)
    assert len({arm.name for arm in experiment.arms}) == len(experiment.arms) >= 2
    assert len({arm.title for arm in experiment.arms}) == len(experiment.arms)
    assert len({arm.request(0) for arm in experiment.arms}) == len(experiment.arms)
    assert experiment.name == experiment.name.lower()
    assert not set(": ") & set("".join(arm.name for arm in experiment.arms))
    for arm in experiment.arms:
        assert arm.spec.num_classes == 10
        assert arm.recipe.images % arm.recipe.batch_size == 0, "whole batches"
        assert arm.recipe.seed == Recipe().seed
        assert not arm.probe or arm.probe in probes.PROBES


@every_experiment
def test_an_experiment_is_said_in_both_languages(experiment):
    texts = [getattr(experiment, name) for name in ("title", "claim", "source", "question")]
    texts += [experiment.rule, experiment.why, experiment.limits]
    names = [*experiment.options, *(arm.title for arm in experiment.arms)]  # "ReLU" is one in both
    for text in (*texts, *names):
        assert text.en
        assert text.zh
        assert text in names or any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
        assert not any("\u3000" <= letter <= "\u9fff" for letter in text.en)
    assert experiment.rule.en.startswith("holds if ")


def test_an_unknown_experiment_names_the_nearest():
    with pytest.raises(SpecError, match="degradation"):
        find("degradatoin")
    with pytest.raises(SpecError, match="no experiment"):
        find("x" * 10_000)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([(0.9, 0.1), (0.8, 0.2)], True),
        ([(0.1, 0.9), (0.2, 0.8)], False),
        ([(0.9, 0.1), (0.2, 0.8)], None),
    ],
)
def test_a_claim_is_judged_seed_by_seed(figures, expected):
    outcomes = {
        name: {seed: outcome(test=pair[at]) for seed, pair in enumerate(figures)}
        for at, name in enumerate("ab")
    }
    found = verdict(two_arms(), outcomes)
    assert found.holds is expected
    assert isclose(found.measured["a"], sum(pair[0] for pair in figures) / 2)
    assert list(found.by_seed) == [0, 1]


def test_what_was_cut_short_is_not_compared():
    outcomes = {"a": {0: outcome(), 1: outcome()}, "b": {0: outcome(), 1: outcome(ended_by="stop")}}
    assert list(verdict(two_arms(), outcomes).by_seed) == [0]
    assert verdict(two_arms(), {"a": outcomes["a"]}).holds is None


def test_a_figure_that_was_not_measured_decides_nothing():
    """Training that diverged before its probe has no figure; with another seed that one decides."""
    measure = Measure(Text("x", "x"), probed(lambda found: found["x"]), ".2f", larger=True)
    experiment = replace(two_arms(), measure=measure)
    found = {"a": {0: diverged()}, "b": {0: diverged()}}
    judged = verdict(experiment, found)
    assert (judged.holds, judged.by_seed) == (None, {})
    measured = commands.result(experiment, found, judged)["measured"]
    assert measured == {"a": None, "b": None}
    whole = {name: with_figure(outcome(), value) for name, value in (("a", 0.9), ("b", 0.5))}
    judged = verdict(experiment, {name: {0: diverged(), 1: one} for name, one in whole.items()})
    assert (judged.holds, judged.by_seed) == (True, {1: True})
    assert judged.measured == {"a": 0.9, "b": 0.5}


def with_figure(one, value):
    measured = Measured(names=("x",), figures=(value,))
    return replace(one, history=one.history._replace(measured=measured))


def test_training_that_diverged_guesses():
    found = diverged()
    assert found.is_whole
    assert (found.train_accuracy, found.top5_accuracy, found.train_loss) == (0.1, 0.5, inf)
    figures = {"a": {0: outcome(test=0.5)}, "b": {0: found}}
    assert verdict(two_arms(), figures).measured == {"a": 0.5, "b": 0.1}


def test_the_time_to_an_accuracy():
    found = outcome(test=0.9, seconds=(1.0, 2.0, 3.0))
    assert found.reaches(0.6) == (2, 3.0)
    assert found.reaches(0.95) is None


def test_what_is_kept_comes_back(tmp_path):
    kept = Kept(tmp_path / "folder", "2.13")
    asked = two_arms().arms[0].request(3)
    assert kept.read(asked) is None
    kept.write(asked, outcome(train=0.7))
    again = kept.read(asked)
    assert again.final == outcome(train=0.7).final
    assert again.first_gradients == (1e-9, 1.0)
    assert kept.read(two_arms().arms[0].request(4)) is None, "another seed"
    assert Kept(tmp_path / "folder", "2.14").read(asked) is None, "another torch"
    kept.path(asked).write_text("{", encoding="utf-8")
    assert kept.read(asked) is None, "a damaged file is done again"


def test_arms_are_trained_once_with_one_thread(tmp_path, two_threads):
    kept, seen, told = Kept(tmp_path, "2.13"), set(), []
    for one in run(two_arms(), 2, kept):
        seen.add(torch.get_num_threads())
        told.append(one)
    assert seen == {1}
    assert torch.get_num_threads() == 2
    assert [(one.arm.name, one.seed) for one in told if one.outcome] == [
        ("a", 0),
        ("b", 0),
        ("a", 1),
        ("b", 1),
    ]
    again = list(run(two_arms(), 2, kept))
    assert len(again) == 4, "nothing was trained a second time"
    first, second = collected(told), collected(again)
    for name, seed in (("a", 0), ("b", 1)):
        assert first[name][seed].final == second[name][seed].final


def test_a_seed_gives_the_same_figures(tmp_path):
    finals = [
        collected(run(two_arms(), 1, Kept(tmp_path / name, "")))["a"][0].final for name in "xy"
    ]
    assert finals[0] == finals[1]


def test_divergence_is_a_result_and_another_failure_is_not(tmp_path):
    found = collected(run(two_arms(rate=10, images=640), 1, Kept(tmp_path, "")))
    assert found["a"][0].is_diverged
    assert found["a"][0].test_accuracy == 0.1
    broken = two_arms()
    arms = tuple(replace(arm, data="nowhere") for arm in broken.arms)
    with pytest.raises(TrainingError, match="nowhere"):
        list(run(replace(broken, arms=arms), 1, Kept(tmp_path, "")))


def test_a_budget_takes_the_same_share_of_all_arms():
    wanted = two_arms(images=6016)
    made = fitted(wanted, 1, 3600)
    assert made is wanted, "there is room for all"
    assert [shortened(arm, 0.5).recipe.images for arm in wanted.arms] == [3008, 3008]
    with pytest.raises(TrainingError, match=r"budget is 0.01 s; two takes at least \d+ s"):
        fitted(wanted, 1, 0.01)
    assert list(SHARES) == sorted(SHARES, reverse=True)


def test_the_command_prints_one_line_of_json(capsys, monkeypatch):
    monkeypatch.setitem(EXPERIMENTS, "two", two_arms())
    assert main(["experiment", "two", "--seeds", "2", "--json"]) == 0
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    found = json.loads(line)
    names = {"experiment", "claim", "holds", "measured", "arms", "seconds"}
    assert names <= set(found)
    assert found["experiment"] == "two"
    assert found["holds"] in (True, False, None)
    assert set(found["measured"]) == {"a", "b"}
    for arm, declared in zip(found["arms"], two_arms().arms, strict=True):
        assert arm["name"] == declared.name
        assert arm["spec"]["knobs"] == json.loads(json.dumps(declared.spec.values))
        assert arm["recipe"]["learning_rate"] == 0.05
        assert {"train_loss", "test_accuracy", "top5_accuracy"} <= set(arm["final"])
        mean = sum(one["measured"] for one in arm["seeds"].values()) / 2
        assert isclose(found["measured"][arm["name"]], mean)
    assert found["seconds"] > 0
    assert "a, seed 0: test accuracy" in said.err, "progress goes to standard error"


def test_figures_that_are_no_numbers_are_null(monkeypatch):
    measure = replace(TEST_ACCURACY, of=lambda one: one.train_loss)
    chosen = replace(two_arms(), measure=measure)
    outcomes = {"a": {0: diverged()}, "b": {0: outcome()}}
    found = commands.result(chosen, outcomes, verdict(chosen, outcomes))
    assert found["measured"] == {"a": None, "b": 1.0}
    assert found["holds"] is True, "a loss without bound is the larger one"
    assert json.loads(commands.line_of(found))["arms"][0]["final"]["train_loss"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seeds", "0"], "seeds is 0; it must be 1 to 10"),
        (["--seeds", "many"], "seeds is many"),
        (["--budget", "1"], "budget is 1; it must be 10 to 3600 seconds"),
        (["--budget", "nan"], "budget is nan"),
    ],
)
def test_wrong_input_is_a_sentence(options, said, capsys):
    with pytest.raises(SystemExit) as end:
        main(["experiment", "two", *options])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_a_wrong_name_is_a_sentence(capsys):
    assert main(["experiment", "nowhere", "--json"]) == 2
    said = capsys.readouterr()
    assert "'nowhere' is no experiment" in said.err
    assert not said.out


def test_the_report_names_claim_rule_and_figures(capsys):
    outcomes = {"a": {0: outcome(test=0.9)}, "b": {0: outcome(test=0.2)}}
    said = commands.report(two_arms(), outcomes, verdict(two_arms(), outcomes))
    assert "The claim holds (1 seed)" in said
    assert "90.0 %" in said


class TestProbes:
    def test_the_signal_is_that_of_the_layers(self, tmp_path):
        asked = replace(request(epochs=1, images=64, batch_size=64), probe="signal")
        events = list(run_job(asked, tmp_path))
        history = outcome_of(events).history
        assert history.measured.names == ("C1.conv", "C3.conv", "C5.linear", "F6.linear", "output")
        assert all(figure > 0 for figure in history.measured.figures)

    def test_a_probe_changes_nothing(self, tmp_path):
        plain = request("lenet-bn-d2l", knobs={}, epochs=1, images=128)
        finals = []
        for name in ("", "signal"):
            events = list(run_job(replace(plain, probe=name), tmp_path / f"run{name}"))
            finals.append(outcome_of(events).final)
        assert finals[0] == finals[1]

    def test_an_unknown_probe_is_refused(self, tmp_path):
        with pytest.raises(TrainingError, match="no probe 'x'; there are signal"):
            list(run_job(replace(request(), probe="x"), tmp_path))

    def test_a_request_with_a_probe_comes_back(self):
        asked = replace(request(), probe="signal")
        assert type(asked).from_json(asked.to_json()) == asked


def test_top_5_is_counted_by_hand(tmp_path):
    events = list(run_job(request(epochs=1, images=128), tmp_path))
    import numpy as np  # noqa: PLC0415

    with np.load(tmp_path / "results.npz") as found:
        ranks = (-found["probabilities"]).argsort(axis=1)[:, :5]
        right = [label in row for label, row in zip(found["labels"], ranks, strict=True)]
    assert isclose(events[-1].top5_accuracy, sum(right) / len(right))


def test_gradients_of_a_deep_plain_network_vanish_at_first():
    spans = EXPERIMENTS["signal-at-initialisation"].measure
    assert isclose(spans.of(outcome()), 9.0), "1e-9 to 1 are nine decades"
    assert isinstance(outcome(), Outcome)
