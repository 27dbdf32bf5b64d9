"""What a class of the zoo reaches: its source and that of all it uses, choices decided."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cnnviz.exports.folding import Folding
from cnnviz.families import Spec
from cnnviz.knobs import Knob

ZOO = "cnnviz.zoo."
WIDTH = 100


@dataclass(frozen=True)
class Module:
    """A file of the zoo: its source, what it defines and what it imports."""

    name: str
    source: str
    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str]]  # name here -> module and name there

    @property
    def tables(self) -> dict[str, ast.Dict]:
        return {
            name: node.value
            for name, node in self.definitions.items()
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        }

    def methods(self, name: str) -> dict[str, ast.FunctionDef]:
        """The methods of one of its classes."""
        found = self.definitions[name]
        body = found.body if isinstance(found, ast.ClassDef) else []
        return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}

    @property
    def paragraphs(self) -> str:
        """Its docstring, without sentences about files."""
        words = ast.get_docstring(ast.parse(self.source)) or ""
        sentences = re.split(r"(?<=\.)\s+(?=[A-Z])", words)
        if not any(".py`" in sentence for sentence in sentences):
            return words
        kept = " ".join(sentence for sentence in sentences if ".py`" not in sentence)
        return textwrap.fill(kept, WIDTH)


@cache
def module_of(name: str) -> Module:
    source = inspect.getsource(sys.modules[name])
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, tuple[str, str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            definitions[node.targets[0].id] = node
        elif isinstance(node, ast.Import):
            imports |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {
                alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names
            }
    return Module(name, source, definitions, imports)


@dataclass
class Listing:
    """The definitions that are reached from some name, in the order of their files."""

    spec: Spec
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    imports: set[tuple[str, str, str]] = field(default_factory=set)  # name here, module, name there

    def reach(self, module: Module, name: str) -> None:
        """Take in a name of a module and all that its definition reaches."""
        if name in module.imports:
            home, there = module.imports[name]
            if home.startswith(ZOO):
                self.reach(module_of(home), there)
            elif not home.startswith("cnnviz."):
                self.imports.add((name, home, there))
            return
        if name not in module.definitions or (module.name, name) in self.texts:
            return
        if name == type(self.spec).__name__:
            self.texts[module.name, name] = ""  # written last, when it is known what is read of it
            return
        text = _folding(module, self.spec, "spec").text(module.definitions[name])
        self.texts[module.name, name] = text
        for used in _names(text):
            self.reach(module, used)

    def ordered(self) -> Iterator[str]:
        """The texts, the blocks of several families first."""
        home = type(self.spec).__module__
        modules = dict.fromkeys(name for name, _ in self.texts)
        for name in sorted(modules, key=_rank(home)):
            for own in module_of(name).definitions:
                if (name, own) in self.texts:
                    yield _clean(self.texts[name, own]).strip("\n")

    def write_spec(self) -> None:
        """The dataclass of the knobs that the other texts read."""
        kind = type(self.spec)
        key = (kind.__module__, kind.__name__)
        if key in self.texts:
            self.texts[key] = self._spec_class()

    def _spec_class(self) -> str:
        kind = type(self.spec)
        module = module_of(kind.__module__)
        members = module.methods(kind.__name__)
        folding = _folding(module, self.spec, "self")
        others = "\n".join(text for text in self.texts.values() if text)
        wanted, methods = _attributes(others), {}
        todo = [name for name in members if name in wanted]
        while todo:
            name = todo.pop()
            methods[name] = f"class _:\n    {folding.text(members[name]).lstrip()}"
            found = _attributes(methods[name])
            wanted |= found
            todo += [other for other in members if other in found and other not in methods]
            for used in _names(methods[name]):
                self.reach(module, used)
        prefixes = tuple(re.findall(r'getattr\(spec, f"(\w+)\{', others))
        fields = [
            knob
            for knob in kind.knobs()
            if not knob.choices
            and (knob.name in wanted or (prefixes and knob.name.startswith(prefixes)))
        ]
        self.imports.add(("dataclass", "dataclasses", "dataclass"))
        lines = [
            "@dataclass(frozen=True, kw_only=True)",
            f"class {kind.__name__}:",
            '    """The numbers of the network, all of which may be others."""',
            "",
            *(_field(knob, self.spec.values[knob.name]) for knob in fields),
        ]
        for name in members:
            if name in methods:
                lines += ["", methods[name].partition("\n")[2]]
        return "\n".join(lines)

    def import_lines(self) -> str:
        """What the texts import, torch last."""
        plain = {home for _, home, there in self.imports if not there}
        lines = [f"import {name}" for name in sorted(plain) if not name.startswith("torch")]
        homes: dict[str, list[str]] = {}
        for name, home, there in sorted(self.imports):
            if there and not home.startswith("torch"):
                homes.setdefault(home, []).append(name)
        lines += [f"from {home} import {', '.join(found)}" for home, found in sorted(homes.items())]
        lines += [""] if lines else []
        names = {name for name, _, _ in self.imports}
        lines += ["import torch"] if "torch" in names else []
        lines += ["import torch.nn.functional as F"] if "F" in names else []
        return "\n".join([*lines, "from torch import nn"])


def _rank(home: str) -> Callable[[str], tuple[bool, bool, bool, str]]:
    """Files that are read first stand first: shared blocks, parts, the family's own."""
    return lambda name: (name == home, home in _importers(name), name != ZOO + "blocks", name)


def _importers(name: str) -> set[str]:
    """The modules that a module imports."""
    return {module for module, _ in module_of(name).imports.values()}


def _folding(module: Module, spec: Spec, name: str) -> Folding:
    tables = dict(module.tables)
    for here, (home, there) in module.imports.items():
        if home.startswith(ZOO) and there in module_of(home).tables:
            tables[here] = module_of(home).tables[there]
    known = {f"{name}.{knob.name}": spec.values[knob.name] for knob in spec.knobs() if knob.choices}
    return Folding(module.source, known, tables)


def _names(text: str) -> dict[str, None]:
    """The names that a text reads, in their order."""
    return dict.fromkeys(node.id for node in _nodes(text) if isinstance(node, ast.Name))


def _attributes(text: str) -> set[str]:
    return {node.attr for node in _nodes(text) if isinstance(node, ast.Attribute)}


def _nodes(text: str) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(text))


def _field(knob: Knob, value: Any) -> str:
    kind = "tuple[int, ...]" if isinstance(value, tuple) else type(value).__name__
    symbol = f", {knob.symbol}" if knob.symbol else ""
    return f"    {knob.name}: {kind} = {value!r}  # {knob.label.en}{symbol}"


def _clean(text: str) -> str:
    text = re.sub(r"  # noqa.*", "", text)
    return re.sub(r"[ \t]+\n", "\n", text)
