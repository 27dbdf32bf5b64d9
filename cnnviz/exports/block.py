"""The code of one block or op alone."""

from collections import OrderedDict

from torch import nn

from cnnviz.analysis import analyze
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.graph import find
from cnnviz.exports.reached import ZOO, Listing, module_of
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.render.kinds import shape_text
from cnnviz.zoo.blocks import Branches

_INDENT = "    "
# what torch's layers say of themselves though it goes without saying
_DEFAULTS = (
    ", eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True",
    ", eps=1e-05, affine=True, bias=True",
    ", stride=(1, 1)",
    ", dilation=1",
    ", ceil_mode=False",
    ", padding=0",
    "start_dim=1, end_dim=-1",
    ", inplace=False",
)


@kept
def block_listing(spec: Spec, name: str) -> str:
    """The classes that a node's module is made of or, where they are all torch's, the module.

    Args:
        name: of an op or block of the graph; an op that is no module stands for what runs it.
    """
    module = build_on_meta(spec)
    path = name.partition(":")[0]
    for part in path.split("."):
        inner = dict(module.named_children()).get(part)
        if inner is None:
            break
        module = inner
    found = Listing(spec)
    written = _expression(module, 0, found)
    if written is None:
        for one in _outermost(module):
            found.reach(module_of(type(one).__module__), type(one).__name__)
        found.write_spec()
    else:
        short = path.rpartition(".")[2]
        written = f"{short if short.isidentifier() else 'block'} = {written}"
    head = f"{_head(spec, name)}\n\n{found.import_lines()}"
    parts = [head, *found.ordered(), *([written] if written else [])]
    return "\n\n\n".join(parts) + "\n"


def _head(spec: Spec, name: str) -> str:
    node = find(analyze(spec), name)
    if node is None:
        return f"# {name}"
    before, after = shape_text(*node.input_shapes), shape_text(node.output_shape)
    return f"# {name}: {before} -> {after}, {node.params:,} parameters"


def _is_ours(module: nn.Module) -> bool:
    return type(module).__module__.startswith(ZOO)


def _outermost(module: nn.Module) -> list[nn.Module]:
    """The modules of the zoo inside that lie in no other, one of each class."""
    if _is_ours(module):
        return [module]
    found = [one for child in module.children() for one in _outermost(child)]
    return list({type(one): one for one in found}.values())


def _expression(module: nn.Module, depth: int, found: Listing) -> str | None:
    """What makes a module of nothing but torch's layers, in sequence or side by side."""
    kind = type(module)
    joins = kind.__init__ is Branches.__init__
    if kind.__init__ is nn.Sequential.__init__ or joins:
        return _container(module, depth, found)
    if _is_ours(module):
        return None
    if isinstance(module, nn.AvgPool2d):
        sizes = f"{module.kernel_size}, stride={module.stride}, padding={module.padding}"
        return f"nn.AvgPool2d({sizes}, count_include_pad={module.count_include_pad})"
    text = repr(module)
    for default in _DEFAULTS:
        text = text.replace(default, "")
    return f"nn.{text}"


def _container(module: nn.Module, depth: int, found: Listing) -> str | None:
    joins, indent = isinstance(module, Branches), _INDENT * (depth + 1)
    rows = []
    for name, child in module.named_children():
        inner = _expression(child, depth + 1 + (not joins), found)
        if inner is None:
            return None
        rows.append((name, inner))
    name = f"nn.{type(module).__name__}"
    if _is_ours(module):
        name = type(module).__name__
        found.reach(module_of(type(module).__module__), name)
    if joins:
        body = "".join(f"{indent}{part}={inner},\n" for part, inner in rows)
        return f"{name}(\n{body}{_INDENT * depth})"
    found.imports.add((OrderedDict.__name__, "collections", OrderedDict.__name__))
    inside = indent + _INDENT
    body = "".join(f"{inside}{part}={inner},\n" for part, inner in rows)
    return f"{name}(\n{indent}OrderedDict(\n{body}{indent})\n{_INDENT * depth})"
