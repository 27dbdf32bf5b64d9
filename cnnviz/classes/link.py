"""The link to a class: its code and its language, signed so that neither can be edited."""

import hmac
import re
from collections.abc import Callable

from cnnviz.text import LANGUAGES

PARAMETER = "join"
_SIGNED = 32  # hexadecimal digits of the signature, 128 bits
_FORM = re.compile(rf"([A-Z0-9]+)\.({'|'.join(LANGUAGES)})\.([0-9a-f]{{{_SIGNED}}})", re.ASCII)
Sign = Callable[[str], str]


def token(code: str, language: str, sign: Sign) -> str:
    """The link's parameter.

    Args:
        sign: gives the hexadecimal HMAC-SHA-256 of a text by the server's secret.
    """
    return f"{code}.{language}.{_signature(code, language, sign)}"


def read(text: str, sign: Sign) -> tuple[str, str] | None:
    """The code and the language of a link; None unless this server signed it."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    code, language, signature = found.groups()
    same = hmac.compare_digest(signature, _signature(code, language, sign))
    return (code, language) if same else None


def _signature(code: str, language: str, sign: Sign) -> str:
    return sign(f"link to a class: {code}.{language}")[:_SIGNED]
