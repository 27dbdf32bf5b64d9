"""Login of the visitor: none in an open lab, else by OIDC or a trusted proxy.

Every run and every action reads the login from its own connection; the session keeps nothing.
"""

import hmac
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address

import streamlit as st

from cnnviz.config import Networks, config

# Where this names anybody, the server takes the peer's address from X-Forwarded-For.
FORWARDED = "FORWARDED_ALLOW_IPS"
TYPED = "admin_key"  # session key of the typed administrators' key
_LONGEST = 254  # characters, as an e-mail address may have


def login() -> str | None:
    """Return the login; None in an open lab and for anonymous visitors."""
    settings = config()
    if settings.login == "oidc":
        return by_oidc(st.user)
    if settings.login == "proxy" and os.environ.get(FORWARDED) == "":
        named = st.context.headers.get_all(settings.proxy_header)
        return by_proxy(named, st.context.ip_address, settings.proxy_networks)
    return None


def is_admitted() -> bool:
    """Return whether the app needs no login."""
    return config().login == "open" or login() is not None


def is_admin() -> bool:
    """Return whether the visitor is an administrator by login or by key."""
    return login() in config().admins or has_key(st.session_state.get(TYPED, ""))


def has_key(typed: str) -> bool:
    """Return whether a text is the administrators' key."""
    key = config().admin_key
    return key is not None and key != "" and hmac.compare_digest(typed.encode(), key.encode())


def address() -> str:
    """The client's address; "" for this machine, or where it is not known.

    A trusted proxy's statement takes precedence.
    """
    settings, peer = config(), st.context.ip_address
    said = st.context.headers.get_all("X-Forwarded-For")
    if settings.login == "proxy" and said and _is_in(peer, settings.proxy_networks):
        return _client(said[-1].split(",")[-1])
    return _client(peer or "")


def _client(text: str) -> str:
    with suppress(ValueError):
        found = ip_address(text.strip())
        return str(getattr(found, "ipv4_mapped", None) or found)
    return ""


def by_oidc(user: Mapping[str, object]) -> str | None:
    """The e-mail address that the provider has verified, else "sub:" and its id of the user."""
    if user.get("is_logged_in") is not True:
        return None
    if user.get("email") and user.get("email_verified") in (True, "true"):
        return _name(str(user["email"]))
    # prefixed, so that a self-chosen id never passes for an address
    return _name(f"sub:{user['sub']}") if user.get("sub") else None


def by_proxy(named: Sequence[str], peer: str | None, networks: Networks) -> str | None:
    """The name in the proxy's header, if it came once and from one of the networks.

    Args:
        named: the values of the header; more than one may be one of the proxy's and one of
            somebody who wants to be believed.
        peer: the address that the connection comes from; None for this machine.
    """
    if len(named) != 1 or not _is_in(peer, networks):
        return None
    try:
        return _name(named[0].encode("latin-1").decode())  # encoding of header bytes
    except UnicodeError:
        return _name(named[0])


def _is_in(peer: str | None, networks: Networks) -> bool:
    address = ip_address(peer or "127.0.0.1")
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


def _name(text: str) -> str | None:
    text = text.strip()
    return text if text.isprintable() and 0 < len(text) <= _LONGEST else None
