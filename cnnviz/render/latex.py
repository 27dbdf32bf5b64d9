"""Text as LaTeX writes it."""

_SIGNS = {
    "\\": r"\textbackslash{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "–": "--",
    "_": r"\_\allowbreak{}",
    # others in TeX's first font
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # read as an option of the end of a row
    "[": "{[}",
    "*": "{*}",
    "\n": " ",
    **{sign: "\\" + sign for sign in "&%$#{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def escaped(text: str) -> str:
    """Any text, its special signs escaped; letters beyond ASCII stay, as XeLaTeX reads them."""
    return "".join(_SIGNS.get(sign, sign) for sign in text)
