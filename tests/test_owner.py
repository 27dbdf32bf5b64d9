"""Who a session is: its owner is signed, with a secret that is made once."""

import stat

import pytest
from page_driver import ME

from cnnviz.ui.session import owner as owners


def test_an_owner_is_signed():
    token = owners.signed(ME, b"secret")
    assert owners.verified(token, b"secret") == ME
    for bad in (
        "",
        ME,
        token[:-1] + "x",
        token.replace("a", "b", 1),
        f"{ME}.{'0' * 64}",
        token * 2,
    ):
        assert owners.verified(bad, b"secret") is None
    assert owners.verified(token, b"other") is None


def test_a_secret_that_cannot_be_made_is_a_sentence(monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", "/proc/cnnviz")
    owners._secret.clear()
    with pytest.raises(owners.SecretError, match="set CNNVIZ_SECRET"):
        owners._secret()


def test_a_secret_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    first = owners.secret_file(path)
    monkeypatch.setattr(owners.os, "open", lambda *_: pytest.fail("nothing is to be written"))
    assert owners.secret_file(path) == first


def test_the_secret_is_made_once_and_for_this_user_alone(tmp_path):
    path = tmp_path / "new" / "secret"
    first = owners.secret_file(path)
    assert owners.secret_file(path) == first
    assert len(first) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
