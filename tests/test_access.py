"""Who may come in, under which name, and what somebody else is shown."""

import asyncio
from types import SimpleNamespace

import conftest
import pytest
import websockets
from conftest import ROOT
from page_driver import plain
from servers import in_a_loop_of_its_own
from streamlit import user_info
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.context import ContextProxy, StreamlitHeaders
from streamlit.testing.v1 import AppTest

from cnnviz.config import Config
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session import access, owner

NETWORKS = Config(proxy_networks="127.0.0.9/32,10.1.0.0/16,fd00::/8").proxy_networks


@pytest.fixture
def visitor(monkeypatch):
    """Open the app as somebody: with headers and an address, or with claims of an OIDC provider."""

    def come(page=None, *, headers=(), peer=None, claims=None, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"CNNVIZ_{name.upper()}", value)
        monkeypatch.setattr(
            ContextProxy, "headers", property(lambda self: StreamlitHeaders(headers))
        )
        monkeypatch.setattr(ContextProxy, "ip_address", property(lambda self: peer))
        monkeypatch.setattr(user_info, "_get_user_info", lambda: claims or {})
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.query_params["preset"] = "lenet-5"
        if page:
            app.switch_page(page)
        app.run()
        assert not app.exception
        return app

    monkeypatch.setenv(access.FORWARDED, "")
    return come


def is_the_app(app):
    return bool(app.metric)


def test_an_open_lab_asks_nobody_and_has_no_administrator(visitor):
    app = visitor(admins="ada", headers=[("X-Forwarded-User", "ada")])
    assert is_the_app(app)
    assert "Logged in" not in said(app)
    assert not opens_admin(visitor(page="pages/admin.py"))


def said(app):
    return plain("\n".join(text.value for text in app.markdown)).replace("\N{WORD JOINER}", "")


def opens_admin(app):
    return "## Admin" in said(app)


PROXIED = {"login": "proxy", "proxy_networks": "127.0.0.9/32"}


def test_whom_the_proxy_names_is_in(visitor):
    app = visitor(headers=[("x-forwarded-user", "ada")], peer="127.0.0.9", **PROXIED)
    assert is_the_app(app)
    assert "Logged in as **ada**; your runs belong to this name." in said(app)
    assert not [button for button in app.button if button.label == "Log out"]
    assert not opens_admin(visitor("pages/admin.py", headers=[], peer="127.0.0.9", **PROXIED))


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        ([], "127.0.0.9"),
        ([("X-Forwarded-User", "")], "127.0.0.9"),
        ([("X-Forwarded-User", "ada"), ("X-Forwarded-User", "eve")], "127.0.0.9"),
        ([("X-Forwarded-User", "ada")], "127.0.0.8"),
        ([("X-Forwarded-User", "ada")], None),
        ([("X-Forwarded-User", "ada"), ("X-Forwarded-For", "127.0.0.9")], "192.0.2.1"),
        ([("Remote-User", "ada")], "127.0.0.9"),
    ],
)
def test_whom_no_proxy_vouches_for_sees_one_sentence(visitor, headers, peer):
    app = visitor("pages/admin.py", headers=headers, peer=peer, admins="ada", **PROXIED)
    assert [error.value for error in app.error] == [catalogue()["access.proxy"].en]
    assert not is_the_app(app)
    assert not app.sidebar.children


@pytest.mark.parametrize("forwarded", [None, "*", "127.0.0.1"])
def test_a_server_that_believes_forwarded_addresses_lets_nobody_in(visitor, monkeypatch, forwarded):
    if forwarded is None:
        monkeypatch.delenv(access.FORWARDED)
    else:
        monkeypatch.setenv(access.FORWARDED, forwarded)
    app = visitor(headers=[("X-Forwarded-User", "ada")], peer="127.0.0.9", **PROXIED)
    assert not is_the_app(app)


def test_the_admin_page_is_for_administrators(visitor):
    for who, sees in (("ada", True), ("bob", False)):
        headers = [("X-Forwarded-User", who)]
        app = visitor("pages/admin.py", headers=headers, peer="127.0.0.9", admins="ada", **PROXIED)
        assert opens_admin(app) is sees
        assert not app.error


def test_who_is_not_logged_in_sees_one_button(visitor):
    for page in (None, "pages/training.py", "pages/admin.py"):
        app = visitor(page, login="oidc", admins="ada@lab.example", claims={"is_logged_in": False})
        assert [button.label for button in app.button] == ["Log in"]
        assert not is_the_app(app)
        assert not app.sidebar.children
    app.button[0].click().run()
    assert not app.exception
    assert [error.value for error in app.error] == [catalogue()["access.not_set_up"].en]


def test_who_is_logged_in_is_named_and_can_leave(visitor):
    claims = {"is_logged_in": True, "email": "ada@lab.example", "email_verified": True, "sub": "7"}
    app = visitor("pages/admin.py", login="oidc", admins="ada@lab.example", claims=claims)
    assert opens_admin(app)
    assert "Logged in as **ada@lab.example**" in said(app)
    assert "Log out" in [button.label for button in app.button]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, None),
        ({"is_logged_in": False, "email": "a@b", "email_verified": True}, None),
        ({"is_logged_in": "true", "email": "a@b", "email_verified": True}, None),
        ({"is_logged_in": True}, None),
        ({"is_logged_in": True, "email": "a@b", "email_verified": True, "sub": "7"}, "a@b"),
        ({"is_logged_in": True, "email": "a@b", "email_verified": "true"}, "a@b"),
        ({"is_logged_in": True, "email": "a@b", "email_verified": False, "sub": "7"}, "sub:7"),
        ({"is_logged_in": True, "email": "a@b", "sub": "7"}, "sub:7"),
        ({"is_logged_in": True, "email": "a@b", "email_verified": "false"}, None),
        ({"is_logged_in": True, "sub": "a@b"}, "sub:a@b"),
        ({"is_logged_in": True, "sub": "7\nada paused the queue"}, None),
    ],
)
def test_the_name_that_a_provider_gives(claims, expected):
    assert access.by_oidc(claims) == expected


@pytest.mark.parametrize(
    ("named", "peer", "expected"),
    [
        (["ada"], "10.1.2.3", "ada"),
        (["ada"], "::ffff:10.1.2.3", "ada"),
        (["ada"], "::ffff:10.2.2.3", None),
        (["ada"], "fd00::1", "ada"),
        (["ada"], "fe80::1%eth0", None),
        ([" ada "], "10.1.2.3", "ada"),
        (["张三"], "10.1.2.3", "张三"),
        (["张三".encode().decode("latin-1")], "10.1.2.3", "张三"),
        (["J\xfcrgen"], "10.1.2.3", "Jürgen"),
        (["ada\x1b[2J"], "10.1.2.3", None),
        (["a" * 255], "10.1.2.3", None),
        (["ada", "ada"], "10.1.2.3", None),
        (["ada"], None, None),
    ],
)
def test_the_name_that_a_proxy_gives(named, peer, expected):
    assert access.by_proxy(named, peer, NETWORKS) == expected


def test_a_login_is_no_cookie(visitor, monkeypatch):
    """Whatever name somebody has, the runs of a browser of the open lab are not theirs."""
    browser = "a" * 32
    monkeypatch.setattr(access, "login", lambda: browser)
    monkeypatch.setenv("CNNVIZ_LOGIN", "proxy")
    assert owner.owner() == f"login:{browser}"
    assert owner.verified(f"login:{browser}.{'0' * 64}", b"secret") is None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app behind a proxy at 127.0.0.9."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_LOGIN", "proxy")
        patch.setenv("CNNVIZ_PROXY_NETWORKS", "127.0.0.9/32")
        patch.setenv(access.FORWARDED, "")
        yield from conftest.server.__wrapped__()


async def read_page(server, peer, headers):
    """All texts of the first page that the server sends to a connection from `peer`."""
    address = f"{server.replace('http', 'ws')}/_stcore/stream"
    texts = []
    ask = BackMsg()
    ask.rerun_script.query_string = "preset=lenet-5"
    async with websockets.connect(
        address,
        subprotocols=["streamlit"],
        additional_headers=headers,
        local_addr=(peer, 0),
        max_size=None,
        proxy=None,
    ) as connection:
        await connection.send(ask.SerializeToString())
        async for data in connection:
            message = ForwardMsg.FromString(data)
            texts.append(str(message))
            if message.WhichOneof("type") == "script_finished":
                break
    return "".join(texts)


@pytest.mark.parametrize(
    ("peer", "headers", "comes_in"),
    [
        ("127.0.0.9", [("X-Forwarded-User", "ada"), ("X-Forwarded-For", "192.0.2.7")], True),
        ("127.0.0.1", [("X-Forwarded-User", "ada"), ("X-Forwarded-For", "127.0.0.9")], False),
        ("127.0.0.1", [("X-Forwarded-User", "ada"), ("Forwarded", "for=127.0.0.9")], False),
        ("127.0.0.1", [("X-Forwarded-User", "ada"), ("X-Real-IP", "127.0.0.9")], False),
        ("127.0.0.9", [("X-Forwarded-User", "ada"), ("X-Forwarded-User", "eve")], False),
        ("127.0.0.9", [], False),
    ],
)
def test_a_real_server_believes_the_proxy_alone(server, peer, headers, comes_in):
    page = in_a_loop_of_its_own(asyncio.wait_for(read_page(server, peer, headers), 120))
    assert ("Logged in as **ada**" in page) is comes_in
    assert ("The server does not know who you are." in page) is not comes_in
    assert ("lenet-5" in page) is comes_in


@pytest.mark.parametrize(
    ("headers", "peer", "expected"),
    [
        ([], "192.0.2.7", "192.0.2.7"),
        ([], None, ""),
        ([], "::ffff:192.0.2.7", "192.0.2.7"),
        ([("X-Forwarded-For", "192.0.2.9")], "127.0.0.9", "192.0.2.9"),
        ([("X-Forwarded-For", "192.0.2.1, 192.0.2.9")], "127.0.0.9", "192.0.2.9"),
        ([("X-Forwarded-For", "192.0.2.9")], "192.0.2.7", "192.0.2.7"),
        ([("X-Forwarded-For", "<script>")], "127.0.0.9", ""),
    ],
)
def test_a_computer_is_known_by_what_the_trusted_proxy_says(monkeypatch, headers, peer, expected):
    monkeypatch.setenv("CNNVIZ_LOGIN", "proxy")
    monkeypatch.setenv("CNNVIZ_PROXY_NETWORKS", "127.0.0.9/32")
    context = SimpleNamespace(headers=StreamlitHeaders(headers), ip_address=peer)
    monkeypatch.setattr(access.st, "context", context)
    assert access.address() == expected


def test_in_an_open_lab_no_header_says_where_somebody_is(monkeypatch):
    monkeypatch.setenv("CNNVIZ_LOGIN", "open")
    headers = StreamlitHeaders([("X-Forwarded-For", "192.0.2.9")])
    context = SimpleNamespace(headers=headers, ip_address="127.0.0.9")
    monkeypatch.setattr(access.st, "context", context)
    assert access.address() == "127.0.0.9"
