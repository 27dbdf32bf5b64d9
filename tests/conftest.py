"""Shared by all tests: the presets, and for browser tests the app in a real Chromium."""

import shutil
import threading
from concurrent.futures import wait
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import sync_playwright
from servers import Server

from cnnviz.ui import live_view
from cnnviz.zoo import FAMILIES, PRESETS

ROOT = Path(__file__).parents[1]
QUICK = {
    *(family.presets[0].name for family in FAMILIES.values()),
    *("lenet-bn-d2l", "densenet-d2l", "densenet-40-k12"),
}


def preset_params() -> list:
    """Every preset; those that only repeat the quick ones' structure are left to the sweep."""
    return [
        pytest.param(preset, id=name, marks=() if name in QUICK else pytest.mark.sweep)
        for name, preset in PRESETS.items()
    ]


@pytest.fixture(params=preset_params())
def preset(request):
    return request.param


@pytest.fixture(params=list(PRESETS.values()), ids=list(PRESETS))
def every_preset(request):
    return request.param


@pytest.fixture(scope="session", autouse=True)
def data_directory(tmp_path_factory):
    """Nothing is written outside, and no dispatcher is started but where a test wants one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(tmp_path_factory.mktemp("cnnviz")))
        patch.setenv("CNNVIZ_DISPATCHER", "separate")
        yield


@pytest.fixture(scope="session", autouse=True)
def plenty_of_memory():
    """What these processes admit does not hang on what else runs on the machine."""
    free = psutil.virtual_memory()._replace(available=64_000_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psutil, "virtual_memory", lambda: free)
        yield


@pytest.fixture(scope="module", autouse=True)
def no_live_run_is_left():
    """Pages under test ask for live runs, which draw from torch's one generator and take CPUs."""
    yield
    if any(thread.name == "live" for thread in threading.enumerate()):
        running = [run for run in live_view._runner()._runs.values() if not run.cancel()]
        wait(running)


@pytest.fixture(scope="session")
def server():
    """The address of the app."""
    with Server() as here:
        yield here.address
    assert "Traceback" not in here.log, here.log[-6000:]


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless; nothing is downloaded."""
    executable = shutil.which("chromium")
    assert executable, "browser tests need Chromium: apt-get install chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=flags)
        yield chromium
        chromium.close()
