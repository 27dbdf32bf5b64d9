"""The browser's part of our components, read from the folder assets."""

from pathlib import Path

ASSETS = Path(__file__).parents[2] / "assets"


def asset(name: str) -> str:
    """The text of a file in assets."""
    return (ASSETS / name).read_text(encoding="utf-8")
