"""The top of every page: its title, the share link, the class, who is logged in, the language."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode, urlsplit

import streamlit as st

from cnnviz.classes.errors import ClassError
from cnnviz.config import config
from cnnviz.text import LANGUAGES
from cnnviz.ui.app.take_away import take_away
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.compare_with import compare_with
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.qr_code import MOST, qr_code
from cnnviz.ui.kit.words import as_markdown, choose_language, language, say, streamlit_words, t
from cnnviz.ui.session import access, classroom
from cnnviz.ui.session.look_address import KEYS
from cnnviz.ui.session.slot import Slot

_BADGES = 3
_NAME = 20  # characters of a login

_page = st.components.v2.component("cnnviz_page", js=asset("focus.js", "entries.js", "page.js"))


def header(
    title: str,
    *,
    said: str = "",
    turned: Iterable[str] = (),
    share: Callable[[], Mapping[str, str]] | None = None,
    network: Slot | None = None,
) -> None:
    """Draw the title on the left and the page's controls on the right.

    Args:
        said: the sentence under the title.
        turned: differences from the preset in the title, such as "k = 12".
        share: gives what a link is to hold beside what the address holds of networks.
        network: slot that the Compare and Training buttons take along.
    """
    with st.container(key="header", horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            turned = list(turned)
            marks = [f":orange-badge[✎ {mark}]" for mark in turned[:_BADGES]]
            more = f" :orange-badge[+ {len(turned) - _BADGES}]" if turned[_BADGES:] else ""
            st.markdown(f"## {title} {' '.join(marks)}{more}", help="  \n".join(turned) or None)
            if said:
                st.caption(said)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if network:
                _take(network)
            _show_class(share)
            if share:
                _share(share, network)
            _account()
            _language()
            html_language = {"en": "en", "zh": "zh-CN"}[language()]
            _page(
                key="page", data={"language": html_language, "words": streamlit_words()[language()]}
            )


def _take(network: Slot) -> None:
    """Offer the pages to which the network on screen can be taken."""
    if other := compare_with(network):
        networks.bring(network, other)
        st.switch_page("pages/compare.py")
    if st.button(t("training.train"), key="train", help=t("training.train_help")):
        st.switch_page("pages/training.py")


def _share(look: Callable[[], Mapping[str, str]], network: Slot | None) -> None:
    """Offer the link; a run when it is opened makes it that of the newest look."""
    networks = {key: text for key, text in st.query_params.items() if key not in KEYS}
    with st.popover(t("header.share"), width="content", key="share", on_change="rerun"):
        st.markdown(t("header.share_text"))
        query = urlencode({**networks, **look()}, safe=",:~")
        page = urlsplit(st.context.url or "")._replace(query="", fragment="").geturl()
        address = f"{page}?{query}"
        st.code(address, language=None, wrap_lines=True)
        if len(address.encode()) <= MOST:
            words = t("header.qr_code")
            st.image(qr_code(address), width=220, caption=words, alt=words)
        if network:
            take_away(network)


def _show_class(look: Callable[[], Mapping[str, str]] | None) -> None:
    """Offer a teacher to lead the class to what is on screen."""
    if classroom.taught() is None:
        return
    if st.button(t("classroom.show"), key="show-class", help=t("classroom.show_help")):
        networks = {key: text for key, text in st.query_params.items() if key not in KEYS}
        stop = classroom.stop({**networks, **(look() if look else {})})
        try:
            classroom.store().show(classroom.person(), stop)
        except ClassError as error:
            st.error(say(error.message))
        else:
            st.toast(t("classroom.shown"))


def _account() -> None:
    name = access.login()
    if name is None:
        return
    shown = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    with st.popover(as_markdown(shown), type="tertiary", width="content", key="account"):
        st.markdown(t("access.as", name=as_markdown(name)))
        if config().login == "oidc" and st.button(t("access.log_out")):
            st.logout()


def _language() -> None:
    st.segmented_control(
        t("header.language"),
        list(LANGUAGES),
        default=language(),
        key="language",
        format_func=lambda name: {"en": "EN", "zh": "中文"}[name],
        required=True,
        label_visibility="collapsed",
        on_change=lambda: choose_language(st.session_state.get("language")),
    )
