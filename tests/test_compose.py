"""The compose files: what is promised of both services, and every setting handed on."""

import pytest
import yaml
from conftest import ROOT

from cnnviz.config import Config
from cnnviz.health import PARTS

FIXED = {"data", "datasets", "dispatcher"}  # by the image and by compose.yaml


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize("name", ["web", "jobs"])
def test_a_service_may_do_little(services, name):
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["data:/data"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert {"pids_limit", "mem_limit", "stop_grace_period", "restart"} <= service.keys()


@pytest.mark.parametrize("name", ["web", "jobs"])
def test_a_service_is_handed_every_setting(services, name):
    settings = {f"CNNVIZ_{field.upper()}" for field in Config.model_fields if field not in FIXED}
    assert services[name]["environment"].keys() - {"CNNVIZ_DISPATCHER"} == settings


def test_one_service_serves_the_queue_and_is_asked_how_it_is(services):
    assert services["web"]["environment"]["CNNVIZ_DISPATCHER"] == "separate"
    _, *command, first, second, third, fourth = services["jobs"]["healthcheck"]["test"]
    assert command == ["python", "-m", "cnnviz", "health"]
    assert {first, second, third, fourth} == PARTS.keys() - {"web", "access"}


def test_the_gpu_is_for_both_services(services):
    gpu = yaml.safe_load((ROOT / "compose.gpu.yaml").read_text(encoding="utf-8"))["services"]
    assert gpu.keys() == services.keys()
    for name, service in gpu.items():
        (device,) = service["deploy"]["resources"]["reservations"]["devices"]
        assert device["capabilities"] == ["gpu"]
        assert "TORCH_INDEX" in service["build"]["args"]
        assert service["image"] != services[name]["image"]


def test_only_the_proxy_says_who_somebody_is():
    proxied = yaml.safe_load((ROOT / "compose.proxy.yaml").read_text(encoding="utf-8"))["services"]
    address = proxied["proxy"]["networks"]["default"]["ipv4_address"]
    settings = proxied["web"]["environment"]
    assert settings["CNNVIZ_LOGIN"] == "proxy"
    assert settings["CNNVIZ_PROXY_NETWORKS"] == f"{address}/32"
    assert settings["FORWARDED_ALLOW_IPS"] == ""


def test_what_the_dockerfile_copies_is_in_the_build():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for name in line.split()[1:-1]:
                assert f"!{name}" in allowed
