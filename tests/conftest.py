"""Shared by all tests: the presets, and for browser tests the app in a real Chromium."""

import contextlib
import shutil
import socket
import sys
import threading
from functools import cache

import psutil
import pytest
import torch
from playwright.sync_api import sync_playwright
from servers import BRIEF, ROOT, Server
from streamlit.components.v2 import manifest_scanner

from cnnviz.ui.kit import live_client
from cnnviz.zoo import FAMILIES, PRESETS

__all__ = ["ROOT"]

pytest.register_assert_rewrite("comparison_checks", "data_sets")  # so that asserts there tell all

# Made of parts that others have, too, and large: every preset of these is left to the sweep.
LARGE = {
    *("inception-bn", "inception-v3", "inception-v4", "inception-resnet", "xception"),
    *("mobilenet-v2", "mobilenet-v3", "efficientnet", "efficientnet-v2"),
    *("regnet", "shufflenet-v2"),
}
QUICK = {
    *(family.presets[0].name for name, family in FAMILIES.items() if name not in LARGE),
    *("lenet-bn-d2l", "densenet-d2l", "densenet-40-k12"),
}
# With the files that drive a browser, those of the sweep that take longest.
LONG = {
    *("test_exports_onnx.py", "test_zoo.py", "test_counters.py"),
    *("test_training_faults.py", "test_probes.py"),
}
MOST_SAID = 3000  # characters of what failed in the first run of a test


def few(names, quick) -> list:
    """Every name; all but the quick ones are left to the sweep."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.sweep) for name in names]


def preset_params() -> list:
    """Every preset; those that only repeat the quick ones' structure are left to the sweep."""
    return [
        pytest.param(preset, id=name, marks=() if name in QUICK else pytest.mark.sweep)
        for name, preset in PRESETS.items()
    ]


def family_params() -> list:
    """Every family; the large ones are left to the sweep."""
    return [
        pytest.param(name, id=name, marks=pytest.mark.sweep if name in LARGE else ())
        for name in FAMILIES
    ]


@pytest.fixture(params=preset_params())
def preset(request):
    return request.param


@pytest.fixture(params=family_params())
def family(request):
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
        patch.setenv("CNNVIZ_LIVE_DEADLINE", "120")  # of a machine that does other things, too
        yield


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Have pytest-rerunfailures send at once: unasked, TCP holds 50 ms back at every test."""
    with contextlib.suppress(AttributeError):  # only xdist's processes have a socket
        config.failures_db.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def pytest_terminal_summary(terminalreporter):
    """Say why a test was run again: what failed is lost when it passes the second time."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"first run of {report.nodeid}")
        terminalreporter.line(report.longreprtext[-MOST_SAID:])


def pytest_collection_modifyitems(items):
    """Begin with the longest files, so that both processes end together."""
    items.sort(key=_is_of_a_short_file)


def _is_of_a_short_file(item):
    return item.path.name not in LONG and item.get_closest_marker("browser") is None


@pytest.fixture(autouse=True)
def main_stays():
    """Streamlit's AppTest puts its script in the place of __main__, which new processes import."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once():
    """Streamlit's AppTest reads all packages' metadata at each of its runs, a third of its time."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        yield


@pytest.fixture(scope="session", autouse=True)
def plenty_of_memory():
    """What these processes admit does not hang on what else runs on the machine."""
    free = psutil.virtual_memory()._replace(available=64_000_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psutil, "virtual_memory", lambda: free)
        yield


@pytest.fixture
def two_threads():
    """torch computes with two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session", autouse=True)
def live_worker_ends():
    """Pages under test share one live worker, which the first of them starts."""
    yield
    if any(thread.name == "live" for thread in threading.enumerate()):
        live_client.client().close()


@pytest.fixture(scope="session")
def server():
    """The address of the app."""
    with Server(program=BRIEF) as here:
        yield here.address
    assert "Traceback" not in here.log, here.log[-6000:]


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless; nothing is downloaded."""
    executable = shutil.which("chromium")
    assert executable, "browser tests need Chromium: apt-get install chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update"]
    # the proxy's is our own; each page that allows it once more may try too often for one file
    flags += ["--ignore-certificate-errors"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=flags)
        yield chromium
        chromium.close()
