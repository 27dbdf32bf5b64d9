"""Addresses and names of somebody who means ill: refused in a sentence, never at work."""

import json
import re

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.analysis.traces import as_json
from cnnviz.families import Spec
from cnnviz.ui.kit.words import as_markdown
from cnnviz.ui.session import address
from cnnviz.zoo import FAMILIES

HOSTILE = {
    "empty": "",
    "nothing": "\0",
    "huge number": "9" * 200_000,
    "huge negative": "-" + "9" * 200_000,
    "overflow": "1e999",
    "not a number": "nan",
    "long list": "-".join(["6"] * 50_000),
    "long word": "a" * 200_000,
    "other digits": "٣１２",
    "underscores": "1_000",
    "a format": "{0.__class__} %s",
    "markup": "<script>alert(1)</script> [x](javascript:1)",
    "sql": "'); DROP TABLE jobs; --",
    "path": "../../etc/passwd",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_knob_in_an_address_takes_what_is_no_value(text):
    for family in FAMILIES.values():
        preset = family.presets[0]
        for knob in preset.spec.knobs():
            parameters = {"preset": preset.name, knob.name: text}
            _, spec, problems = address.read(parameters, preset.name)
            assert isinstance(spec, Spec)
            assert problems or spec.values[knob.name] is not None
            assert all(len(problem.message.en) < 600 for problem in problems), knob.name


def test_nine_hundred_wrong_knobs_are_a_short_message():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params.update({"preset": "lenet-5", **{f"k{n}": "1" for n in range(900)}})
    app.run()
    assert not app.exception
    (warning,) = app.warning
    assert len(warning.value) < 2_000
    assert "and 890 more" in warning.value


@pytest.mark.parametrize(
    "text", ["http://x.test", "see HTTPS://x.test", "www.x.test", "WWW.x.test", "a@x.test"]
)
def test_a_text_is_no_link(text):
    """What GitHub's Markdown makes links of without being asked."""
    shown = re.sub(r"\\(.)", r"\1", as_markdown(text))
    links = r"(?i)(https?://|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(\.[-\w]+)+"
    assert re.search(links, text)
    assert not re.search(links, shown)
    assert shown.replace("\N{WORD JOINER}", "") == text


def of_a_trace(text, name):
    """The details of an op of somebody's trace."""
    from cnnviz.library.loading import opened  # noqa: PLC0415 (a script of its own)
    from cnnviz.ui.architecture.details import details  # noqa: PLC0415
    from cnnviz.ui.session.look import Look  # noqa: PLC0415
    from cnnviz.ui.session.subject import Subject  # noqa: PLC0415

    details(Subject("own", opened(text.encode())), Look(selected=name), print, key=str)


def test_what_a_trace_says_is_no_markup_on_the_page():
    trace = json.loads(as_json(cnnviz.analyze("lenet-5")))
    picture = "![x](https://evil.example/x.png)"
    op = next(op for op in trace["layers"] if op["kind"] == "activation")
    op |= {
        "name": picture,
        "operation": picture,
        "attributes": [["dilation", picture], [picture, 1]],
    }
    app = AppTest.from_function(of_a_trace, args=(json.dumps(trace), picture)).run()
    assert not app.exception
    text = "\n".join(one.value for one in app.markdown)
    assert text.count(r"\!\[x\]") == 3
    assert "![" not in text.replace(r"\!\[", "")
