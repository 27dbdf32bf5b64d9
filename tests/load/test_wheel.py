"""The wheel, installed by itself: its command starts the app and trains, with no repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv

import pytest
from playwright.sync_api import expect
from servers import ROOT, free_port

from cnnviz.numbers import short

SOURCE = ("app.py", "assets", "pages", "cnnviz", ".streamlit", "pyproject.toml", "LICENSE")


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", "-q", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The command of an environment that has the wheel, and the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    (folder / "source").mkdir()
    for name in SOURCE:
        subprocess.run(["cp", "-r", ROOT / name, folder / "source"], check=True)
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", folder, folder / "source")
    shutil.rmtree(folder / "source")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    pip("--python", python, "install", "--no-deps", "--no-index", wheel)
    (packages,) = folder.glob("venv/lib/*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "venv" / "bin" / "cnnviz"


@pytest.fixture
def surroundings(tmp_path):
    """Where the command runs: an empty folder, and no variable that names the repository."""
    own = {"CNNVIZ_DATA": str(tmp_path / "data"), "STREAMLIT_SERVER_PORT": str(free_port())}
    known = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    (tmp_path / "here").mkdir()
    return {"cwd": tmp_path / "here", "env": {**known, **own}}


@pytest.mark.load
def test_without_arguments_it_starts_the_app(installed, surroundings, browser):
    address = f"http://127.0.0.1:{surroundings['env']['STREAMLIT_SERVER_PORT']}"
    app = subprocess.Popen([installed], stdout=subprocess.PIPE, text=True, **surroundings)
    try:
        next(line for line in app.stdout if "URL:" in line)
        with urllib.request.urlopen(f"{address}/health", timeout=120) as answer:
            assert answer.status == 200
        subprocess.run([installed, "health", "web"], check=True, **surroundings)
        page = browser.new_page()
        page.goto(f"{address}/?preset=lenet-d2l", timeout=60_000)
        figure = page.get_by_test_id("stMetricValue").first
        expect(figure).to_have_text(short(61_706), timeout=60_000)
        expect(page.locator("g.node").first).to_be_visible(timeout=60_000)
        page.close()
    finally:
        app.terminate()
        app.communicate(timeout=60)


@pytest.mark.load
def test_with_arguments_it_is_the_command_line(installed, surroundings):
    train = [installed, "train", "lenet-d2l", "--demo", "--budget", "20"]
    ran = subprocess.run(train, capture_output=True, text=True, check=False, **surroundings)
    assert ran.returncode == 0, ran.stderr
    where = "import cnnviz; print(cnnviz.__file__)"
    python = installed.with_name("python")
    found = subprocess.check_output([python, "-c", where], text=True, **surroundings)
    assert found.startswith(str(installed.parents[1]))
