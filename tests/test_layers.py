"""Imports go down the list of layers, never up."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the bottom up; a module may import its own layer and those before it.
LAYERS = (
    *(
        "text",
        "gradual",
        "kept",
        "knobs",
        "settings",
        "threads",
        "gpus",
        "machine",
        "config",
        "logs",
        "numbers",
        "families",
        "zoo",
    ),
    *("analysis", "ledger", "data", "training", "experiments", "classes", "render", "comparison"),
    *("exports", "library", "labs", "lessons"),
    *("live", "sweeps", "health", "metrics", "command", "ui"),
)
FORBIDDEN = {
    "text": {"torch", "streamlit", "cnnviz.zoo"},
    "knobs": {"torch", "streamlit", "pandas", "plotly"},
    "settings": {"torch", "streamlit", "pandas", "plotly"},
    "families": {"torch", "streamlit", "pandas", "plotly"},
    "zoo": {"streamlit", "cnnviz.analysis"},
    "analysis": {"streamlit", "cnnviz.zoo"},
    "ledger": {"streamlit", "pandas", "plotly"},
    "render": {"streamlit", "torch", "cnnviz.zoo"},
    "comparison": {"streamlit", "pandas", "plotly"},
    "exports": {"streamlit", "plotly"},
    "library": {"streamlit", "plotly"},
    "labs": {"streamlit", "plotly"},
    "lessons": {"streamlit", "plotly"},
    "data": {"streamlit", "plotly"},
    "training": {"streamlit", "plotly"},
    "experiments": {"streamlit", "plotly"},
    "classes": {"streamlit", "plotly"},
    "live": {"streamlit", "plotly"},
    "sweeps": {"streamlit", "plotly"},
    "pages": {"torch", "plotly", "pandas"},
}


class WithoutTypes(ast.NodeTransformer):
    """Leaves out what only a type checker imports."""

    def visit_If(self, node: ast.If) -> ast.If | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else node


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(WithoutTypes().visit(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "pages" else parts[1]


FILES = [
    path
    for path in sorted([*ROOT.glob("cnnviz/**/*.py"), *ROOT.glob("pages/*.py")])
    if layer(path) in (*LAYERS, "pages")
]


@pytest.mark.parametrize("own", [*LAYERS, "pages"])
def test_imports_go_down(own):
    above = set() if own == "pages" else set(LAYERS[LAYERS.index(own) + 1 :]) | {"pages", "app"}
    files = [path for path in FILES if layer(path) == own]
    assert files
    for path in files:
        for name in imports(path):
            assert name.split(".")[0] not in FORBIDDEN.get(own, set()), f"{path} imports {name}"
            assert ".".join(name.split(".")[:2]) not in FORBIDDEN.get(own, set()), (path, name)
            parts = name.split(".")
            if parts[0] == "cnnviz" and len(parts) > 1:
                assert parts[1] not in above, f"{path} imports {name}"


def test_every_file_fits_a_sitting():
    for path in ROOT.glob("cnnviz/**/*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, path


def test_pages_are_free_of_html_and_torch():
    for path in ROOT.glob("pages/*.py"):
        text = path.read_text(encoding="utf-8")
        assert "<" not in text.split('"""', 2)[2], path
