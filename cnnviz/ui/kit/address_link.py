"""Links to addresses of this product, named by what stands there."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from cnnviz.experiments import EXPERIMENTS
from cnnviz.families import Preset, Spec
from cnnviz.labs import LABS
from cnnviz.ui.kit.words import as_markdown, knob_mark, language_in_address, say, t
from cnnviz.ui.session.address import read, read_slot

_SLOTS = tuple(f"n{number}" for number in range(1, 7))  # of the Compare page


def link(address: str) -> str:
    """A link as Markdown, to an address without a page for Architecture; see `parts`."""
    page, query = parts(address)
    more = urlencode({**query, **language_in_address()})
    return f"[{as_markdown(_title(page, query))}]({page or './'}{f'?{more}' if more else ''})"


def parts(address: str) -> tuple[str, dict[str, str]]:
    """The page of an address, "" for Architecture, and its parameters."""
    page, _, query = address.rpartition("?")
    if not page and "=" not in query:
        page, query = query, ""
    return page, dict(parse_qsl(query))


def _title(page: str, query: Mapping[str, str]) -> str:
    """What a link leads to: its page, lab, experiment, network, knobs turned, block and tab."""
    words = [t(f"pages.{page}")] if page else []
    words += [say(LABS[query["lab"]].title)] if "lab" in query else []
    words += [say(EXPERIMENTS[query["experiment"]].title)] if "experiment" in query else []
    if "preset" in query:
        preset, spec, _ = read(query, "")
        words += _network(preset, spec)
        refused, _, value = query.get("breaks", "").partition(":")
        words += [
            knob_mark(knob, knob.typed(value)) for knob in spec.knobs() if knob.name == refused
        ]
    for slot in (one for one in _SLOTS if one in query):
        words.append(", ".join(_network(*read_slot(slot, query, "")[:2])))
    words += [query["at"]] if "at" in query else []
    words += [t(f"view.{query['tab']}")] if "tab" in query else []
    return " · ".join(words)


def _network(preset: Preset, spec: Spec) -> list[str]:
    """A preset's name, and each knob that is turned."""
    turned = spec.differences(preset.spec)
    return [preset.name, *(knob_mark(spec.knob(name), turned[name]) for name in turned)]
