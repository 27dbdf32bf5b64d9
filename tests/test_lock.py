"""requirements.lock: everything that the app is installed from, each file with its hash."""

import re

from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def locked():
    """The version and the number of hashes by name; one for each marker."""
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", TEXT):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        requirement = Requirement(lines[0].rstrip(" \\"))
        (pin,) = requirement.specifier
        assert pin.operator == "==", lines[0]
        hashes = [line for line in lines[1:] if re.search(r"--hash=sha256:[0-9a-f]{64}\b", line)]
        assert len(hashes) == len(lines) - 1, lines[0]
        found.setdefault(canonicalize_name(requirement.name), []).append((pin.version, len(hashes)))
    return found


def test_what_is_pinned_is_locked_with_hashes():
    found = locked()
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for name, version in (line.split("==") for line in lines if not line.startswith("#")):
        if name != "torch":
            assert [one for one, _ in found[canonicalize_name(name)]] == [version], "tools/lock.sh"
    assert all(hashes for versions in found.values() for _, hashes in versions)


def test_torch_and_what_only_cuda_needs_are_left_out():
    names = locked().keys()
    assert "torch" not in names
    assert not [name for name in names if name.startswith(("nvidia-", "cuda-", "triton"))]
    assert {"sympy", "networkx", "jinja2", "numpy", "starlette"} <= names, "what it needs is there"


def test_versions_are_no_drafts():
    for versions in locked().values():
        for version, _ in versions:
            assert not Version(version).is_prerelease
