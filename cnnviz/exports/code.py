"""A network as one Python file that needs nothing but torch, to be read like a textbook's listing.

It is made of the zoo's own source: what `build` reaches, with the choices of the network decided
and the numbers left as arguments.
"""

import ast
import textwrap

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.graph import fold
from cnnviz.exports.reached import WIDTH, Listing, Module, module_of
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.render.kinds import shape_text
from cnnviz.render.labels import node_text


@kept
def listing(spec: Spec, name: str) -> str:
    """The whole file of a network.

    Args:
        name: of the network, as its title says it.
    """
    kind = type(spec)
    module = module_of(kind.__module__)
    network = _network(module, kind)
    found = Listing(spec)
    found.reach(module, network)
    found.write_spec()
    found.imports.add(("torch", "torch", ""))  # the last lines make an image
    report = analyze(spec)
    head = _header(name, module, spec, report) + "\n\n" + found.import_lines()
    parts = [
        head,
        *found.ordered(),
        _build(kind.__name__, network, report),
        _main(report),
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _network(module: Module, kind: type[Spec]) -> str:
    """The class that `build` makes."""
    match module.methods(kind.__name__)["build"].body[-1]:
        case ast.Return(value=ast.Call(func=ast.Name(id=name))):
            return name
    raise NotImplementedError(f"{kind.__name__}.build does not end in one call of a class")


def _header(name: str, module: Module, spec: Spec, report: Report) -> str:
    graph = fold(report)
    wide = max(len(node.id) for node in graph.nodes)
    shapes = [("image", shape_text(report.input_shape), "")]
    shapes += [
        (node.id, shape_text(node.output_shape), node_text(node, report, "en"))
        for node in graph.nodes
    ]
    high = max(len(shape) for _, shape, _ in shapes)
    rows = [
        f"    {part:{max(wide, 5)}}  {shape:>{high}}  {words}".rstrip()
        for part, shape, words in shapes
    ]
    first = f'"""{name}: {report.params:,} parameters, {report.macs:,} MACs for one image.'
    lines = [
        textwrap.fill(first, WIDTH, break_on_hyphens=False),
        "",
        *module.paragraphs.splitlines(),
        "",
        "What leaves each part, channels × height × width:",
        "",
        *rows,
        "",
        "Written by cnnviz (MIT licence).",
        '"""',
    ]
    return "\n".join(lines)


def _build(kind: str, network: str, report: Report) -> str:
    return f'''def build(**knobs) -> nn.Module:
    """The network; other numbers by their names: build(num_classes=10)."""
    return {network}({kind}(**knobs))'''


def _main(report: Report) -> str:
    return f"""if __name__ == "__main__":
    network = build().eval()
    print(network)
    print(f"{{sum(weight.numel() for weight in network.parameters()):,}} parameters")
    print(network(torch.zeros{report.input_shape}))"""
