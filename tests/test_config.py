"""Settings of a server: variables before the file, everything wrong said at once."""

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest

from cnnviz.config import SECRETS, Config, ConfigError, config


@pytest.fixture
def given(monkeypatch, tmp_path):
    """Set variables, and the lines of the file if there are any."""

    def give(file="", **variables):
        if file:
            (tmp_path / "cnnviz.toml").write_text(file)
            variables["config"] = tmp_path / "cnnviz.toml"
        for name, value in variables.items():
            monkeypatch.setenv(f"CNNVIZ_{name.upper()}", str(value))

    return give


def test_what_is_not_given_has_its_default(given, monkeypatch):
    given(data="", slots="")  # as a compose file passes on what is not set
    assert config().slots is None
    assert config().data == Config.model_fields["data"].default


def test_a_variable_goes_before_the_file(given):
    given(slots="3", file='slots = 4\nper_owner = 5\nadmins = ["ada", "bo"]\n')
    assert (config().slots, config().per_owner, config().admins) == (3, 5, ("ada", "bo"))


def test_a_path_may_begin_at_home(given, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("CNNVIZ_DATA")
    given(datasets="~/sets", file='data = "~/lab"\n')
    assert [str(path) for path in (config().data, config().datasets)] == [
        "/home/ada/lab",
        "/home/ada/sets",
    ]


def test_a_home_that_nobody_has_is_named(given):
    given(data="~nobody-of-this-name/lab")
    with pytest.raises(ConfigError, match=r"CNNVIZ_DATA is '~nobody-of-this-name/lab'; nobody"):
        config()


def test_a_list_in_a_variable_has_commas(given):
    given(admins="ada, bo@lab.example,", proxy_networks="10.0.0.0/8,::1/128")
    assert config().admins == ("ada", "bo@lab.example")
    assert [str(network) for network in config().proxy_networks] == ["10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e30", "many", "1,5", "١٢٠x"])
def test_a_wrong_number_is_named(given, value):
    given(heartbeat=value)
    with pytest.raises(ConfigError, match=f"CNNVIZ_HEARTBEAT is {value!r}; "):
        config()


def test_everything_wrong_is_said_at_once(given):
    given(slots="0", backend="dask", slot="3", file="in_all = 5\nmetric_port = 9\n")
    with pytest.raises(ConfigError) as refused:
        config()
    for part in (
        "CNNVIZ_SLOTS is '0'; input should be greater than or equal to 1.",
        "CNNVIZ_BACKEND is 'dask'; input should be 'local' or 'ray'.",
        "CNNVIZ_SLOT is no setting; CNNVIZ_SLOTS is.",
        "CNNVIZ_METRIC_PORT is no setting; CNNVIZ_METRICS_PORT is.",
    ):
        assert part in refused.value.message.en
        assert part in refused.value.message.zh


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_never_said(given, name):
    given(**{name: "too short"})
    with pytest.raises(ConfigError) as refused:
        config()
    assert f"CNNVIZ_{name.upper()}" in str(refused.value)
    assert "too short" not in str(refused.value)
    given(**{name: "long enough for a secret"})
    assert "long enough" not in repr(config())


@pytest.mark.parametrize("file", ["slots = ", "slots"])
def test_a_file_that_is_no_toml_is_named(given, file):
    given(file=file)
    with pytest.raises(ConfigError, match=r"cnnviz\.toml cannot be read"):
        config()


def test_a_file_that_is_not_there_is_named(given, tmp_path):
    given(config=tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="which is no file"):
        config()


def test_the_page_says_it(given):
    given(slots="0")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    (error,) = app.error
    assert "CNNVIZ\\_SLOTS is \\'0\\'" in error.value
    assert not app.selectbox
