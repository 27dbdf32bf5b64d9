"""The browser's part of our components, read from the folder assets."""

from base64 import b64encode
from pathlib import Path

ASSETS = Path(__file__).parents[2] / "assets"


def asset(*names: str) -> str:
    """The text of a file in assets, or of several that make one."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


def data_uri(name: str) -> str:
    """A picture in assets as an address that holds it; a file Streamlit drops now and then."""
    return f"data:image/png;base64,{b64encode((ASSETS / name).read_bytes()).decode()}"
