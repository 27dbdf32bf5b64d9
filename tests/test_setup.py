"""tools/setup.sh, played in a copy: with a Python that only notes what it is asked for."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import ROOT

SCRIPTS = sorted(ROOT.glob("tools/*.sh"))
# macOS has bash 3.2, of 2007
LATER = {
    "negative index": r"\$\{\w+\[-|\w+\[-\d+\]=",
    "associative array": r"\b(declare|local|typeset) -\w*A",
    "name reference": r"\b(declare|local|typeset) -\w*n\b",
    "change of case": r"\$\{\w+(\[[^]]*\])?(,,?|\^\^?)",
    "mapfile": r"\b(mapfile|readarray)\b",
    "both streams": r"&>>|\|&",
    "transformation": r"\$\{\w+@[A-Za-z]\}",
    "coproc": r"\bcoproc\b",
    "global in a function": r"\bdeclare -\w*g",
    "wait for any": r"\bwait -\w*n",
    "test of a variable": r"\[\[? -v ",
}
NEEDED = ("bash", "basename", "cat", "cmp", "cp", "dirname", "env", "grep", "mkdir")
PYTHON = """#!/bin/bash
echo "$@" >>"$LOG"
case "$*" in
  *version_info*) exit "$OLD" ;;
  --version) echo "Python 3.9.6" ;;
  "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""


@pytest.fixture
def place(tmp_path):
    """A copy of the script with the lists that it reads, and programs that are played."""
    (tmp_path / "tools").mkdir()
    for name in (
        "tools/setup.sh",
        *(f"requirements{end}" for end in (".txt", "-dev.txt", ".lock")),
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name))
    for name, text in {
        "python3": PYTHON,
        "brew": "#!/bin/bash\n",
        "uname": "#!/bin/bash\necho Darwin\n",
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return tmp_path


def set_up(place, kind, *, old=0):
    """What the script says, and what it asks Python for."""
    log = place / "log"
    log.write_text("")
    variables = {"PATH": str(place / "bin"), "LOG": str(log), "OLD": str(old)}
    ran = subprocess.run(
        [place / "tools/setup.sh", kind], env=variables, capture_output=True, text=True, check=False
    )
    asked = [line for line in log.read_text().splitlines() if "pip install" in line]
    return ran, asked


def test_a_mac_is_told_what_brew_installs(place):
    ran, asked = set_up(place, "dev", old=1)
    assert ran.returncode == 1
    assert "Not installed: graphviz chromium. To install: brew install graphviz;" in ran.stderr
    assert "Going on: drawings need graphviz" in ran.stderr
    assert "cnnviz needs Python 3.11 or newer, and this is Python 3.9.6." in ran.stderr
    assert asked == []


@pytest.mark.parametrize("kind", ["run", "dev"])
def test_files_are_held_against_their_hashes_and_nothing_is_done_twice(place, kind):
    ran, asked = set_up(place, kind)
    assert ran.returncode == 0, ran.stderr
    torch, lock, rest = (line.partition("version-check ")[2] for line in asked)
    assert re.fullmatch(r"--no-deps torch==[\d.]+", torch)
    assert lock == "--no-deps --require-hashes -r requirements.lock"
    last = "requirements-dev.txt" if kind == "dev" else "requirements.txt"
    assert rest == f"-r requirements.txt -r {last}"
    ran, asked = set_up(place, kind)
    assert (ran.returncode, asked) == (0, [])
    with (place / "requirements.lock").open("a") as lock:
        lock.write("# another\n")
    assert len(set_up(place, kind)[1]) == 3


@pytest.mark.parametrize("what", LATER)
def test_scripts_run_with_the_bash_of_macos(what):
    assert SCRIPTS
    for path in SCRIPTS:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            assert not re.search(LATER[what], line), f"{path.name}, line {number}: {line}"


def test_the_expressions_find_what_they_are_for():
    later = (
        *("${all[-1]}", "declare -A seen", "local -n other", "${name,,}", "mapfile -t lines"),
        *("make |& tee", "${name@Q}", "coproc cat", "declare -g x", "wait -n", "[[ -v name ]]"),
    )
    for line, (what, expression) in zip(later, LATER.items(), strict=True):
        assert re.search(expression, line), what


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_read_and_run(path):
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)
