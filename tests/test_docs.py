"""What the documentation says is what the product does."""

import re
import tomllib

import pytest
import yaml
from conftest import ROOT, few

import cnnviz
from cnnviz import docs

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path.relative_to(ROOT) for place in (ROOT, docs.DOCS) for path in place.glob("*.md"))


@pytest.mark.parametrize("page", [docs.zoo, docs.labs, docs.settings])
def test_the_written_pages_are_current(page):
    written = docs.DOCS / f"{page.__name__}.md"
    assert written.read_text(encoding="utf-8") == page(), "run: make docs"


def test_pictures_of_the_readme_are_there():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert any(link.endswith(".png") for link in links)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_exist(page):
    text = re.sub(
        r"```.*?```|`[^`]*`", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL
    )
    for link in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text):
        assert ((ROOT / page).parent / link).exists(), link


def test_every_risk_of_the_security_page_names_its_tests():
    page = (docs.DOCS / "security.md").read_text(encoding="utf-8")
    _, _, *rows = re.findall(r"^\|.*\| ([^|]*) \|$", page, flags=re.MULTILINE)
    assert len(rows) > 40
    for row in rows:
        names = re.findall(r"`(?:tests/)?((?:load/)?test_\w+\.py)`", row)
        assert names, "a risk without a test"
        for name in names:
            assert (ROOT / "tests" / name).exists(), name


@pytest.mark.parametrize("file", [".github/workflows/test.yml", ".gitlab-ci.yml"])
def test_workflows_look_for_versions_with_known_faults_as_the_security_page_says(file):
    page = (docs.DOCS / "security.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"`(pip-audit [^`]*)`", page)
    text = (ROOT / file).read_text(encoding="utf-8")
    assert command in text
    jobs = yaml.safe_load(text)
    audit = jobs.get("jobs", jobs)["audit"]
    assert "schedule" in str(audit)


@pytest.mark.parametrize(
    "page",
    few(["README.md", "README.zh.md", "docs/tutorial.md"], {"README.md", "docs/tutorial.md"}),
)
def test_the_python_of_a_page_runs(tmp_path, monkeypatch, page):
    """One block after the other, as a reader types them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    names: dict = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_the_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)`", README)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["version"] == cnnviz.__version__
    assert f"## {cnnviz.__version__}" in changelog


def test_every_dependency_is_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[a-z-]+==[\w.]+", line), line
