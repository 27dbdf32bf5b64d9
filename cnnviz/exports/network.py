"""What is taken away."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from cnnviz import zoo
from cnnviz.analysis import Report, analyze
from cnnviz.exports import names
from cnnviz.families import Preset, Spec
from cnnviz.text import Text


@dataclass(frozen=True)
class Network:
    """What is taken away.

    Args:
        title: as captions say it.
        spec, start: None for somebody's own module.
        module: with the weights it has; None for a spec, which is built when it is needed.
        broken: why the pass ended early, if it did; the report is then of what ran.
    """

    title: str
    report: Report
    spec: Spec | None = None
    start: Preset | None = None
    module: nn.Module | None = None
    broken: Text = Text("", "")


def as_network(
    network: str | Spec | nn.Module | Report,
    input_shape: tuple[int, ...] | None = None,
    inputs: Any = None,
) -> Network:
    """A network with its report and its name.

    Args:
        input_shape, inputs: of a module, as `analyze` takes them.
    """
    if isinstance(network, Report):
        return Network(network.modules.get("", "report"), network)
    if isinstance(network, str):
        network = zoo.spec(network)
    if isinstance(network, Spec):
        start = names.start_of(network)
        return Network(names.title(network, start), analyze(network), network, start)
    report = analyze(network, input_shape, inputs=inputs)
    return Network(type(network).__name__, report, module=network)
