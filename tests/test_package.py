"""What is installed: the library with few and loose requirements, and the app with all of them."""

import json
import os
import subprocess
import sys
import tomllib

import click
import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from streamlit import config

from cnnviz.__main__ import main
from cnnviz.command import app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LIBRARY = """
import sys
for name in {absent}:
    sys.modules[name] = None
import torch
import cnnviz
from cnnviz.__main__ import main

report = cnnviz.analyze("lenet-5")
report.save({folder!r} + "/net.json")
assert cnnviz.load_report({folder!r} + "/net.json") == report
cnnviz.show(torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3)), (1, 3, 8, 8))
for ending in ("py", "json", "tex", "csv", "md", "xlsx", "html"):
    cnnviz.export("lenet-5", {folder!r} + "/net." + ending)
cnnviz.compare("resnet-18", "resnet-34")
sys.exit(main(["describe", "lenet-5", "--json"]))
"""
SERVERS = ["streamlit", "loky", "sklearn", "scipy", "prometheus_client", "onnx", "segno"]


def requirements(*lists):
    found = [Requirement(text) for texts in lists for text in texts]
    return {one.name: one.specifier for one in found if one.name != "cnnviz"}


def pinned():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_ranges_hold_what_is_pinned():
    ranges = requirements(PROJECT["dependencies"], EXTRAS["app"], EXTRAS["onnx"])
    assert pinned().keys() <= ranges.keys()
    for name, version in pinned().items():
        assert version in ranges[name], name


@pytest.mark.parametrize(
    "absent",
    [
        pytest.param(["fcntl", "pwd", "resource", "multiprocessing.forkserver"], id="of Windows"),
        pytest.param(SERVERS, id="of the app", marks=pytest.mark.sweep),
    ],
)
def test_the_library_needs_nothing(tmp_path, absent):
    code = LIBRARY.format(absent=absent, folder=str(tmp_path))
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("arguments", "package"),
    [([], "streamlit.web.cli"), (["train", "lenet-d2l", "--epochs", "1"], "safetensors")],
    ids=["the app", "training"],
)
def test_what_is_not_installed_gets_a_sentence(tmp_path, arguments, package):
    code = f"""
import sys
sys.modules[{package!r}] = None
from cnnviz.__main__ import main
sys.exit(main({arguments}))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr == f"This needs {package.partition('.')[0]}: pip install 'cnnviz[app]'\n"


def test_each_setting_is_a_variable_that_streamlit_reads(monkeypatch):
    options = {option.env_var: option for option in config.get_config_options().values()}
    assert app.variables().keys() <= options.keys()
    assert app.variables()["STREAMLIT_SERVER_MAX_UPLOAD_SIZE"] == "10"


def test_ctrl_c_is_a_word(monkeypatch, capfd):
    def stopped(*_, **options):
        raise click.Abort

    monkeypatch.setattr("streamlit.web.cli.main", stopped)
    assert main([]) == 130
    assert capfd.readouterr().err == "Stopped.\n"


def test_a_users_own_variable_counts(monkeypatch):
    asked = {}
    monkeypatch.setenv("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", "3")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr("streamlit.web.cli.main", lambda *args, **kwargs: asked.update(os.environ))
    assert main([]) == 0
    assert asked["STREAMLIT_SERVER_MAX_UPLOAD_SIZE"] == "3"
    assert asked["STREAMLIT_SERVER_HEADLESS"] == "true"
