"""Owner of runs: the login or, in an open lab, a random id in a signed cookie.

The secret comes from the settings, else from a file beside the runs.
"""

import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

import streamlit as st

from cnnviz.config import config
from cnnviz.text import ExplainedError, Text
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.session import access

COOKIE = "cnnviz_owner"
_KEY = "owner"
_FORM = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})", re.ASCII)

_cookie = st.components.v2.component("cnnviz_owner", js=asset("owner.js"))


class SecretError(ExplainedError):
    """No secret is available to sign a cookie."""


def owner() -> str:
    """Return this browser's owner id; a new one lives in the session until the cookie is set.

    A login's id can never equal a cookie's.

    Raises:
        SecretError: no secret, as in an open lab whose data directory is read-only.
    """
    if config().login != "open":
        name = access.login()
        if name is None:  # the session goes on, the login does not
            st.stop()
        return f"login:{name}"
    if _KEY not in st.session_state:
        known = verified(st.context.cookies.get(COOKIE, ""), _secret())
        st.session_state[_KEY] = known or secrets.token_hex(16)
    id_: str = st.session_state[_KEY]
    return id_


def keep_owner() -> None:
    """Set the browser's cookie, if it needs one and has none."""
    if config().login != "open":
        return
    try:
        token = signed(owner(), _secret())
    except SecretError:  # reported by whoever needs the owner
        return
    if st.context.cookies.get(COOKIE) != token:
        with st.container(key="owner-cookie"):
            data = {"name": COOKIE, "value": token, "framed": bool(config().frame_ancestors)}
            _cookie(key="owner-keeper", data=data)


def signature(text: str) -> str:
    """The hexadecimal HMAC-SHA-256 of a text by the server's secret.

    Raises:
        SecretError: no secret, as in an open lab whose data directory is read-only.
    """
    return hmac.new(_secret(), text.encode(), hashlib.sha256).hexdigest()


def signed(owner_id: str, secret: bytes) -> str:
    """The cookie's text for an id."""
    signature = hmac.new(secret, owner_id.encode(), hashlib.sha256)
    return f"{owner_id}.{signature.hexdigest()}"


def verified(text: str, secret: bytes) -> str | None:
    """The id in a cookie's text; None unless this server signed it."""
    found = _FORM.fullmatch(text)
    if found and hmac.compare_digest(signed(found[1], secret), text):
        return found[1]
    return None


@st.cache_resource(show_spinner=False)
def _secret() -> bytes:
    given = config().secret
    if given:
        return given.encode()
    try:
        return secret_file(config().data / "secret")
    except OSError as error:
        message = Text(
            "Whose runs these are cannot be known: {error}. Make the data directory writable, or "
            "set CNNVIZ_SECRET.",
            "无法确定训练任务的所有者：{error}。请使数据目录可写，或设置 CNNVIZ_SECRET。",
        )
        raise SecretError(message.format(error=error)) from error


def secret_file(path: Path) -> bytes:
    """Return the secret from a file that only its user may read; create a missing file.

    Raises:
        OSError: it can be neither read nor made.
    """
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    # written whole under another name: a second process reads the first one's, never half of it
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_bytes()
