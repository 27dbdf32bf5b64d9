"""Whoever speaks the browser's protocol may say that a widget holds anything at all."""

from collections.abc import Iterator

import pytest
from servers import Server, in_a_loop_of_its_own
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.load.tab import Tab, tab

PAGE = "?preset=lenet-5"
DEEP = "[" * 100_000 + "]" * 100_000
ELSEWHERE = ("train", "beside.with_next")  # buttons that lead to another page


def forgeries() -> dict[str, WidgetState]:
    """A value of every kind, each of them wrong for most widgets."""
    made = {
        "text": WidgetState(string_value="no such option"),
        "nan": WidgetState(double_value=float("nan")),
        "inf": WidgetState(double_value=float("inf")),
        "huge": WidgetState(int_value=2**62),
        "bool": WidgetState(bool_value=True),
        "bytes": WidgetState(bytes_value=b"\xff\x00"),
        "half JSON": WidgetState(json_value="{bad"),
        "deep JSON": WidgetState(json_value=DEEP),
        "other JSON": WidgetState(json_value='{"selection": 5, "selected": [1], "fold": {}}'),
        "list": WidgetState(json_value="[1, 2]"),
        "trigger": WidgetState(trigger_value=True),
        "file": WidgetState(),
        "numbers": WidgetState(),
        "no numbers": WidgetState(),
        "texts": WidgetState(),
    }
    made["file"].file_uploader_state_value.SetInParent()
    made["numbers"].double_array_value.data.extend([float("nan"), 1, 2])
    made["no numbers"].double_array_value.SetInParent()
    made["texts"].string_array_value.data.extend(["x", "y"])
    return made


def widgets(page: Tab) -> Iterator[tuple[str, str]]:
    """The name and id of everything on the page that can hold something."""
    for element in page.elements.values():
        proto = getattr(element, element.WhichOneof("type"))
        if element_id := getattr(proto, "id", ""):
            yield element_id.split("-", 2)[-1], element_id


def alerts(page: Tab) -> list[str]:
    found = (element for element in page.elements.values() if element.WhichOneof("type") == "alert")
    return [element.alert.body for element in found]


async def forge(url: str, name: str, kind: str) -> None:
    """Say that a widget holds something else, then go on as a browser does."""
    async with tab(url, PAGE) as page:
        await page.open()
        while name not in dict(widgets(page)):  # devices are offered as soon as they are looked at
            await page._rerun()
        element_id = dict(widgets(page))[name]
        held = dict(page._states)
        state = page._states[element_id] = forgeries()[kind]
        state.id = element_id
        await page._rerun()
        assert not [text for text in alerts(page) if "went wrong" in text], (name, kind)
        page._states = held
        await page._rerun()
        left = [text for text in alerts(page) if "went wrong" in text or "not offer" in text]
        assert not left, (name, kind)
        before = page.figure("Parameters")
        await page.turn("num_classes", 7)
        assert page.figure("Parameters") != before, (name, kind)


@pytest.fixture(scope="module")
def app():
    with Server() as here:
        yield here


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("family.0", "text"),
        ("family.0", "bool"),
        ("preset.lenet.0", "numbers"),
        ("counting.en", "text"),
        ("lenet.activation.en.0", "text"),
        ("lenet.num_classes.en.0", "nan"),
        ("language", "inf"),
        ("graph", "deep JSON"),
        ("graph", "other JSON"),
        ("device.0", "half JSON"),
    ],
)
def test_a_forged_state_is_refused_and_the_session_goes_on(app, name, kind):
    in_a_loop_of_its_own(forge(app.address, name, kind))


@pytest.mark.load
def test_every_widget_with_every_forged_state(app):
    async def names() -> list[str]:
        async with tab(app.address, PAGE) as page:
            await page.open()
            return [name for name, _ in widgets(page) if name not in ELSEWHERE]

    for name in in_a_loop_of_its_own(names()):
        for kind in forgeries():
            in_a_loop_of_its_own(forge(app.address, name, kind))


def test_what_is_wrong_again_and_again_is_logged_once(app):
    async def insist() -> None:
        async with tab(app.address, PAGE) as page:
            await page.open()
            (element_id,) = [found for name, found in widgets(page) if name == "graph"]
            for _ in range(10):
                page._states[element_id] = WidgetState(id=element_id, json_value="{bad")
                await page._rerun()
                assert any("does not offer" in text for text in alerts(page))

    before = app.log.count("Traceback")
    in_a_loop_of_its_own(insist())
    assert app.log.count("Traceback") - before == 1
