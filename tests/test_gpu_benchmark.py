"""The GPU benchmark without a GPU: its report, what it survives, and its sections on the CPU."""

import multiprocessing
import subprocess
import sys

import pytest
import torch
from conftest import ROOT

import cnnviz
from benchmarks.gpu import __main__ as command
from benchmarks.gpu import demos, faults, layers, live, memory, peak, speed
from benchmarks.gpu.report import closing, document
from benchmarks.gpu.section import NotAsExpectedError, Outcome, Section, gather, run, sentence
from cnnviz.analysis.real_run import Live
from cnnviz.analysis.timing.measure import Pass
from cnnviz.analysis.timing.peak import Peak
from cnnviz.analysis.timing.stopwatch import Span
from cnnviz.text import Text
from cnnviz.training.events import Failed, Started
from cnnviz.training.plan import as_it_is
from cnnviz.training.recipe import Recipe

FAKE = Section("faulty_section", "Fake", "As it is.", seconds=60)
BEGIN = ("begin", (("a", "b"), 2))


class Messages:
    """A pipe whose other end sends these, and then hangs up or, with `waits`, says nothing."""

    def __init__(self, *messages, waits=False):
        self.messages, self.waits, self.asked = list(messages), waits, []

    def poll(self, timeout):
        self.asked.append(timeout)
        return bool(self.messages) or not self.waits

    def recv(self):
        if not self.messages:
            raise EOFError
        return self.messages.pop(0)


def test_what_is_sent_is_gathered():
    sent = (BEGIN, ("row", ("1", "2")), ("done", "x"), ("failed", "y: no"), ("done", "y"))
    outcome = gather(Messages(*sent), 5)
    assert outcome == Outcome(("a", "b"), (("1", "2"),), ("y: no",), done=2, cases=2)
    assert not outcome.as_expected
    assert gather(Messages(BEGIN, ("done", "x"), ("done", "y")), 5).as_expected


def test_the_time_of_a_section_ends_it():
    clock = iter([10, 11, 13, 99])
    messages = Messages(BEGIN, ("done", "x"), waits=True)
    outcome = gather(messages, 5, now=lambda: next(clock))
    assert messages.asked == [4, 2, 0]
    assert closing(outcome) == "1 of 2 done; stopped after its 5 s."
    assert not outcome.as_expected


@pytest.mark.parametrize("sent", [(), (BEGIN,), (BEGIN, ("failed", "x: no"), ("done", "x"))])
def test_a_process_that_dies_is_noticed(sent):
    assert gather(Messages(*sent), 5).ended_by == "its process died"


def test_a_section_that_cannot_be_imported_fails_alone():
    outcome = run(Section("no_such_module", "", "", seconds=60), "cpu")
    assert outcome.failures == (
        "No module named 'no_such_module'; docs/training.md says how to bring packages along.",
    )
    assert not outcome.ended_by


def test_cases_fail_alone():
    outcome = run(FAKE, "cpu")
    assert outcome.head == ("case", "device")
    assert outcome.rows == (
        *(("good", "cpu"), ("explained", "cpu"), ("bad", "cpu")),
        *(("two rows", "cpu"), ("two rows", "again"), ("deadly", "cpu")),
    )
    assert outcome.failures == ("explained: it is green", "bad: ValueError: no")
    assert closing(outcome) == "4 of 6 done, 2 failed; its process died."


def test_a_section_without_time_is_killed():
    outcome = run(Section("faulty_section", "", "", seconds=0), "cpu")
    assert closing(outcome) == "0 of 0 done; stopped after its 0 s."
    assert not multiprocessing.active_children()


def test_the_file():
    done = Outcome(("a", "b"), (("1", "2"), ("3", "4")), done=2, cases=2)
    failed = Outcome(failures=("no.",))
    assert document("A GPU", [(FAKE, done), (FAKE, failed)]) == (
        "# On a GPU\n\nA GPU. Written by `python -m benchmarks.gpu`, see training.md.\n\n"
        "## Fake\n\nAs it is.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n\n2 of 2 done.\n\n"
        "## Fake\n\nAs it is.\n\n0 of 0 done, 1 failed.\n\n- Failed: no.\n"
    )


def test_an_error_without_words():
    assert sentence(MemoryError()) == "MemoryError: "


def started(monkeypatch, *arguments):
    """The exit code or the sentence that the command ends with."""
    monkeypatch.setattr(sys, "argv", ["gpu", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        command.main()
    return end.value.code


def test_without_a_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    code = started(monkeypatch, "-o", tmp_path / "gpu.md")
    assert code == "PyTorch finds no GPU here; run this on a machine with an NVIDIA GPU."
    assert not list(tmp_path.iterdir())


@pytest.fixture
def gpu(monkeypatch):
    """Something that is called a GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(command, "_machine", lambda: "Faked")
    for name in ("CNNVIZ_DATA", "TMPDIR"):
        monkeypatch.setenv(name, "")


@pytest.mark.parametrize(("failures", "code"), [((), 0), (("no.",), 1)])
def test_sections_are_written_one_by_one(monkeypatch, tmp_path, gpu, failures, code):
    output, written = tmp_path / "gpu.md", []

    def faked(section, device):
        written.append(output.read_text(encoding="utf-8").count("\n## "))
        return Outcome(failures=failures)

    monkeypatch.setattr(command, "run", faked)
    assert started(monkeypatch, "-o", output) == code
    assert written == list(range(len(command.SECTIONS)))
    assert all(section.title in output.read_text("utf-8") for section in command.SECTIONS)


def test_a_file_that_cannot_be_written_is_named_at_once(monkeypatch, tmp_path, gpu, capsys):
    assert started(monkeypatch, "-o", tmp_path / "none" / "gpu.md") == 2
    assert "gpu.md cannot be written (No such file or directory); name" in capsys.readouterr().err


def test_it_ends_within_twelve_minutes():
    assert sum(section.seconds for section in command.SECTIONS) < 12 * 60 - 10


def test_sections_can_be_chosen(monkeypatch, tmp_path, gpu):
    done = []
    monkeypatch.setattr(
        command, "run", lambda section, device: done.append(section.name) or Outcome()
    )
    started(monkeypatch, "--only", "layers", "peak", "-o", str(tmp_path / "gpu.md"))
    assert done == ["peak", "layers"]


def test_live():
    (row,) = live.measure("lenet-d2l", "cpu")
    assert row[:2] == ("lenet-d2l", "1×28×28")
    assert len(row) == len(live.HEAD)
    assert set(live.CASES) == set(cnnviz.presets())


def test_other_shapes_than_counted_are_told(monkeypatch):
    seen = Live("CPU", (1, 10), 0.1, 1, 1, differences=("C1", "C3"))
    monkeypatch.setattr(live, "run_live", lambda *_: seen)
    with pytest.raises(NotAsExpectedError, match="not as counted: C1, C3"):
        list(live.measure("lenet-d2l", "cpu"))


@pytest.mark.sweep
def test_memory(monkeypatch):
    """The estimate of LeNet against a peak that is set here, since a CPU has none."""
    spec = cnnviz.spec("lenet-d2l")
    single, mixed = (
        memory.estimate_memory(spec, "sgd", precision).total(512) for precision in ("fp32", "mixed")
    )
    held = {"before": 100, "peak": 100 + single}
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda _: None)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: held["before"])
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: held["peak"])
    rows = list(memory.measure("lenet-d2l", "cpu"))
    assert [row[:3] for row in rows] == [
        ("lenet-d2l", "512", "fp32"),
        ("lenet-d2l", "512", "mixed"),
    ]
    assert {len(row) for row in rows} == {len(memory.HEAD)}
    assert [row[-1] for row in rows] == ["1.00", f"{mixed / single:.2f}"]
    held["peak"] = 100 + 2 * single
    monkeypatch.setattr(memory, "SPARE", 0)
    measured = memory.measure("lenet-d2l", "cpu")
    assert [next(measured)[-1], next(measured)[-1]] == ["0.50", f"{mixed / single / 2:.2f}"]
    with pytest.raises(NotAsExpectedError, match=r"in fp32 is 0\.50 of the peak and the"):
        next(measured)


def test_speed(monkeypatch):
    monkeypatch.setattr(speed, "NETWORKS", {"tiny": ("resnet-18", 32, 2)})
    monkeypatch.setattr(speed, "WARM_UP", 0)
    monkeypatch.setattr(speed, "STEPS", 1)
    ways = tuple(way for way in speed.WAYS if way.step in (speed.eager, speed.job))
    monkeypatch.setattr(speed, "WAYS", ways)
    rows = list(speed.measure("tiny", "cpu"))
    assert [row[1] for row in rows] == [
        *("fp32, eager", "16 bits", "16 bits, channels_last", "job"),
    ]
    assert rows[0][3] == "1.00"
    assert {len(row) for row in rows} == {len(speed.HEAD)}


def test_peak():
    (row,) = peak.measure("fp32", "cpu")
    assert len(row) == len(peak.HEAD)


def test_layers(monkeypatch):
    monkeypatch.setattr(layers, "WAYS", ((2, "fp32", True),))
    monkeypatch.setattr(layers, "SECONDS", 0)
    monkeypatch.setattr(layers, "FAR", float("inf"))
    (row,) = layers.measure("lenet-d2l", "cpu")
    assert row[:2] == ("lenet-d2l", "2, fp32, channels_last")
    assert len(row) == len(layers.HEAD)
    assert set(layers.CASES) <= set(cnnviz.presets())
    assert len(layers.CASES) == 12


def test_ops_that_do_not_sum_to_the_pass_are_told(monkeypatch):
    times = Pass(rows=(Span(1, 1, 1),) * 12, kernels=(), whole=Span(9, 9, 9), overhead=0, repeats=1)
    monkeypatch.setattr(layers, "time_forward", lambda *_, **__: times)
    monkeypatch.setattr(layers, "time_backward", lambda *_, **__: times)
    monkeypatch.setattr(layers, "peak_of", lambda *_: Peak(1e12, 1e11))
    with pytest.raises(NotAsExpectedError, match=r"batch 1, fp32: 1\.33"):
        list(layers.measure("lenet-d2l", "cpu"))


def test_a_job_that_fails():
    """In a process of its own, as on a GPU; there the kernel asserts."""
    (row,) = faults.measure("a kernel of a job asserts", "cpu")
    assert row[1] == "the job ends alone, and another process computes on"


@pytest.mark.sweep
def test_replayed_steps_are_compared(monkeypatch):
    (row,) = faults.measure("steps are replayed as a CUDA graph", "cpu")
    assert row[1] == "8 steps with the same losses but for 0e+00"
    given = iter([[2.0, 1.0], [2.0, 1.1]])
    monkeypatch.setattr(faults, "losses", lambda *_, **__: next(given))
    with pytest.raises(NotAsExpectedError, match=r"differ by 10\.0%"):
        faults.replayed("cpu")


@pytest.mark.parametrize(
    ("check", "events", "said"),
    [
        (faults.full, [Failed(code="gpu_memory", message=Text("Full.", "满。"))], ""),
        (faults.full, [Failed(code="error")], "last word is"),
        (faults.killed, [Failed(code="gpu_memory")], "first word is"),
        (faults.killed, [Started()], "2.00 GB are still held"),
        (faults.asserted, [Started()], "last word is"),
    ],
)
def test_other_ends_than_promised_are_told(monkeypatch, check, events, said):
    free = iter([10 * faults.GIGABYTE, 8 * faults.GIGABYTE])
    monkeypatch.setattr(faults, "free_bytes", lambda _: next(free))
    monkeypatch.setattr(faults, "events", lambda *_, **__: events)
    if said:
        with pytest.raises(NotAsExpectedError, match=said):
            check("cpu")
    else:
        assert check("cpu") == "the job ends: Full."


def test_a_demo(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    recipe = Recipe(epochs=1, images=256)
    monkeypatch.setattr(
        demos, "plan", lambda spec, _, forecast, budget: as_it_is(spec, recipe, forecast)
    )
    (row,) = demos.measure("lenet-d2l", "cpu")
    assert row[:3] == ("lenet-d2l", "as it is", "1 × 256")
    assert len(row) == len(demos.HEAD)


@pytest.mark.sweep
def test_it_needs_no_more_than_the_documentation_says():
    """Everything else that the project requires is hidden from it."""
    said = "cachetools pydantic-settings psutil safetensors scipy pillow"
    assert (ROOT / "docs" / "training.md").read_text(encoding="utf-8").count(said) == 2
    hidden = (
        *("authlib", "graphviz", "httpx", "loky", "pandas", "plotly", "pooch", "prometheus_client"),
        *("pythonjsonlogger", "sklearn", "streamlit", "torchinfo", "tqdm"),
    )
    code = f"""
import sys
sys.modules.update(dict.fromkeys({hidden!r}))
from benchmarks.gpu import __main__, demos, faults, layers, live, memory, peak, speed
from cnnviz.training import preload
from cnnviz.data.dataset import load
assert len(load(demos.DATA).classes) == 10
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
