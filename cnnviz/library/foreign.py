"""The command `show`: a network that a function of one's own Python file makes, as a page.

The file runs in this process, on the user's own machine.
"""

import argparse
import re
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NoReturn

from torch import nn

from cnnviz.analysis.ops import Shape
from cnnviz.library.showing import show as page_of
from cnnviz.text import ExplainedError, Text, joined, nearest


class ForeignError(ExplainedError):
    """A file that makes no network, and why."""


def show(options: argparse.Namespace) -> None:
    """Write the page of a network, and say its file."""
    shape = None if options.input is None else typed_shape(options.input)
    if options.output.suffix.lower() != ".html":
        message = Text(
            "{file} does not end in .html, and a page is written.",
            "{file} 不以 .html 结尾，而写出的是网页。",
        )
        raise ForeignError(message.format(file=options.output))
    module, inputs = made(options.network)
    inputs = inputs if shape is None else None
    if shape is None and inputs is None:
        message = Text(
            "Say what the network reads: --input 1x3x224x224, N×C×H×W; or let {network} return the "
            "module and its inputs.",
            "请指定网络的输入：--input 1x3x224x224（N×C×H×W）；或让 {network} 返回模块和输入。",
        )
        raise ForeignError(message.format(network=options.network))
    try:
        look = {"language": options.language, "theme": options.theme}
        page = page_of(module, shape, inputs=inputs, **look)
    except (ValueError, TypeError) as error:
        raise ForeignError(Text(str(error), str(error))) from error
    print(page.save(options.output))


def typed_shape(text: str) -> Shape:
    """The shape in 1x3x224x224 or 1,3,224,224.

    Raises:
        ForeignError: it is not of that form.
    """
    if not re.fullmatch(r"[1-9]\d{0,8}([x×,][1-9]\d{0,8})*", text, re.ASCII):
        message = Text(
            "--input is {text}; give whole numbers of at least 1 joined by x, such as 1x3x224x224.",
            "--input 为 {text}；应为用 x 连接的正整数，例如 1x3x224x224。",
        )
        raise ForeignError(message.format(text=text[:60]))
    return tuple(map(int, re.split("[x×,]", text)))


def made(network: str) -> tuple[nn.Module, Any]:
    """The module of FILE.py:function, and its inputs if the function returns some, else None.

    Raises:
        ForeignError: no such file or function, one that raises an error or returns something else.
    """
    file, colon, name = network.rpartition(":")
    path = Path(file)
    if not colon or path.suffix != ".py":
        message = Text(
            "{network} is not of the form FILE.py:function. Of a network of the zoo, export writes "
            "a page: python -m cnnviz export NAME -o net.html",
            "{network} 不是 FILE.py:function 的形式。内置网络的网页用 export 写出："
            "python -m cnnviz export NAME -o net.html",
        )
        raise ForeignError(message.format(network=network))
    path.open("rb").close()  # an OSError says what is wrong with it
    sys.path.insert(0, str(path.resolve().parent))  # of what the file imports
    try:
        found = _run(path)
        if name not in found:
            _refuse_name(path, name, found)
        made = found[name]
        if not isinstance(made, nn.Module):
            made = made()
    except ForeignError:
        raise
    except Exception as error:  # somebody's own code raises what it likes
        raise _failed(path, error) from error
    finally:
        sys.path.pop(0)
    module, given = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    if not isinstance(module, nn.Module):
        message = Text(
            "{network} returns {kind}; it must return a torch.nn.Module, or a module and its "
            "inputs.",
            "{network} 返回了 {kind}；应返回 torch.nn.Module，或模块和输入。",
        )
        raise ForeignError(message.format(network=network, kind=type(module).__name__))
    return module, given


def _run(path: Path) -> dict[str, Any]:
    """Everything that a file defines."""
    spec = spec_from_file_location(f"shown_{path.stem}", path)
    assert spec is not None  # the name ends in .py
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return vars(module)


def _refuse_name(path: Path, name: str, found: dict[str, Any]) -> NoReturn:
    own = [each for each, value in found.items() if callable(value) and not each.startswith("_")]
    message = Text(
        "{file} has no {name}; the nearest are {close}.",
        "{file} 中没有 {name}；最接近的有 {close}。",
    )
    close = nearest(name, own) if own else joined(["–"])
    raise ForeignError(message.format(file=path, name=name, close=close))


def _failed(path: Path, error: Exception) -> ForeignError:
    """What somebody's own code raised, and the last of its lines that it was in."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve() == path.resolve()
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    message = Text("{file}, line {line}: {kind}: {error}", "{file} 第 {line} 行：{kind}：{error}")
    line = lines[-1] if lines else "?"
    return ForeignError(
        message.format(file=path, line=line, kind=type(error).__name__, error=error)
    )
