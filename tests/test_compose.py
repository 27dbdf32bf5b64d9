"""The compose files: what is promised of both services, and every setting handed on."""

import re

import pytest
import yaml
from conftest import ROOT

from cnnviz.config import Config
from cnnviz.health import PARTS

FIXED = {"data", "dispatcher"}  # by the image and by compose.yaml
# Documented for a server without containers: .env is there instead, and Ray needs one network.
OUTSIDE = {"CNNVIZ_CONFIG", "CNNVIZ_DATA", "CNNVIZ_DISPATCHER", "RAY_ADDRESS"}
OUTSIDE |= {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "PYTHONPATH"}
# What compose fills in by itself
OF_COMPOSE = {"PORT", "WEB_MEMORY", "JOBS_MEMORY", "TORCH_INDEX", "WEB_GPUS", "JOBS_GPUS"}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize("name", ["web", "jobs"])
def test_a_service_may_do_little(services, name):
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["data:/data", "${CNNVIZ_DATASETS:-data}:/datasets"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert {"pids_limit", "mem_limit", "stop_grace_period", "restart"} <= service.keys()


@pytest.mark.parametrize("name", ["web", "jobs"])
def test_a_service_is_handed_every_setting(services, name):
    settings = {f"CNNVIZ_{field.upper()}" for field in Config.model_fields if field not in FIXED}
    given = {key for key in services[name]["environment"] if key.startswith("CNNVIZ_")}
    assert given - {"CNNVIZ_DISPATCHER"} == settings


@pytest.mark.parametrize("page", ["server", "access", "security", "settings", "data", "training"])
def test_what_the_documentation_names_is_handed_on(services, page):
    """Each NAME=value, and each variable of Streamlit, of uvicorn and of ours."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b([A-Z][A-Z_]{3,})=", text))
    named |= set(re.findall(r"\b((?:CNNVIZ|STREAMLIT|FORWARDED)_[A-Z_]+)\b", text))
    handed = services["web"]["environment"].keys()
    assert named - OUTSIDE - OF_COMPOSE <= handed


def test_what_compose_fills_in_is_documented():
    files = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("compose*.yaml"))
    documented = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    for name in re.findall(r"\$\{([A-Z_]+)", files):
        assert f"{name}=" in documented, name


def test_the_provider_s_secrets_are_where_streamlit_reads_them():
    oidc = yaml.safe_load((ROOT / "compose.oidc.yaml").read_text(encoding="utf-8"))
    web = oidc["services"]["web"]
    (secret,) = web["secrets"]
    assert web["environment"]["CNNVIZ_LOGIN"] == "oidc"
    assert secret["target"] == "/app/.streamlit/secrets.toml"
    file = oidc["secrets"][secret["source"]]["file"]
    assert f"/{file}" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


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
