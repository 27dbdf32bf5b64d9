"""The network as code: cnnviz in Python and on the command line, torchvision, and PyTorch."""

import streamlit as st

from cnnviz.exports.block import block_listing
from cnnviz.exports.code import listing
from cnnviz.exports.elsewhere import twin
from cnnviz.exports.names import command, file_name, python, title
from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member

_HEIGHT = 560  # px


def code_view(subject: Member, look: Look) -> None:
    """Show the listings; each has a copy button."""
    spec, start = subject.spec, subject.preset
    lines, other = st.columns(2, gap="medium")
    with lines:
        _part("library", f"import cnnviz\n\nspec = {python(spec, start)}\nnetwork = spec.build()")
        name = file_name(spec, start)
        line = f"python -m cnnviz export {command(spec, start)} -o {name}.py"
        _part("command", line, language="bash")
    with other:
        found = twin(spec)
        if found:
            code = f"import {found.library}\n\nnetwork = {found.code(spec.num_classes)}"
            _part("elsewhere", code)
            st.caption(f"{t('code.elsewhere_help')} {as_markdown(say(found.differs))}")
        else:
            st.markdown(f"**{t('code.elsewhere')}**")
            st.markdown(t("code.nowhere"))
    if look.selected:
        heading = t("code.block", name=as_markdown(look.selected))
        st.markdown(f"**{heading}**")
        st.code(block_listing(spec, look.selected), height=_HEIGHT // 2)
    st.markdown(f"**{t('code.whole', name=as_markdown(name))}**")
    st.caption(t("code.whole_help"))
    st.code(listing(spec, title(spec, start)), height=_HEIGHT)


def _part(name: str, code: str, language: str = "python") -> None:
    st.markdown(f"**{t(f'code.{name}')}**")
    st.code(code, language=language, wrap_lines=True)
