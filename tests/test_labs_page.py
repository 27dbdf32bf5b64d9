"""The Labs page: what it shows, what it refuses, its address, undo, both languages."""

import re
from io import BytesIO

import numpy as np
import pytest
from conftest import few
from labs_driver import drawn, figures, typed_in
from page_driver import address as whole_address
from page_driver import plain
from PIL import Image
from test_line_page import open_page

from cnnviz.data.pictures import open_picture
from cnnviz.experiments import EXPERIMENTS
from cnnviz.labs import LABS
from cnnviz.labs.lab import is_step
from cnnviz.labs.parts import Chart, Picture, Said, Sums, Table
from cnnviz.labs.pictures import grey
from cnnviz.text import LANGUAGES
from cnnviz.ui.glossary.terms import of_lab
from cnnviz.ui.kit import own_picture
from cnnviz.ui.kit.drags import Drag
from cnnviz.ui.labs import bench as benches
from cnnviz.ui.labs.bench import Bench
from cnnviz.ui.labs.own_picture import SIDE

every_lab = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)


def page(**query):
    return open_page("labs", **query)


def run(app):
    app.run()
    assert not app.exception
    return app


def text(app):
    """All that stands on the page as text."""
    found = [*app.markdown, *app.text, *app.caption, *app.error, *app.warning]
    return plain("\n".join(one.value for one in found)).replace("\N{NO-BREAK SPACE}", " ")


def widget(app, name):
    """The widget of a knob of the lab on the page."""
    kinds = ("text_area", "text_input", "number_input", "slider", "selectbox", "toggle")
    every = [one for kind in (*kinds, "button_group") for one in app.get(kind)]
    (found,) = [
        one for one in every if re.fullmatch(rf"lab\.[\w-]+\.{name}\.\w+\.\d+", one.key or "")
    ]
    return found


def turn(app, name, value):
    widget(app, name).set_value(value)
    run(app)  # AppTest now holds but the sections that were drawn again
    return run(app)


THE_COURSE = {  # what its texts print, as they or as their arithmetic gives it
    "convolution": ["19 25 / 37 43", "5 11 / 23 29", "+ 1 = 80.67 → 80", "56 72 / 104 120"],
    "sharing": ["1,000,000·1,000 = 1,000,000,000", "3·3·3·10 = 270", " = 280"],
    "pooling": ["4 5 / 7 8", "2 3 / 5 6"],
    "lenet": ["16·6 = 96", "1,516"],
    "stacks": ["27/49 = 55.1 %"],
    "inception": ["163,696"],
    "residual": ["1,180,160", "70,016"],
    "dense": ["3 + 2·10 = 23", "⌊0.45·23⌋ = ⌊10.35⌋ = 10"],
}


@every_lab
@pytest.mark.parametrize("locale", few(["en-US", "zh-CN"], {"en-US"}))
def test_a_lab_opens_with_all_its_numbers_as_text(lab, locale):
    app = open_page("labs", locale, lab=lab.name)
    language = locale[:2]
    said = text(app)
    typed = typed_in(lab.settings())
    assert all(number in said for number in THE_COURSE.get(lab.name, ()))
    of_charts = "\n".join(one.proto.alt for one in app.get("plotly_chart"))
    for parts in lab.shown(lab.settings()):
        for part in parts:
            match part:
                case Said():
                    assert part.text(language) in said
                case Sums():
                    for line in part.lines:
                        assert (line if isinstance(line, str) else line(language)) in said
                case Table():
                    for cell in (cell for row in part.rows for cell in row):
                        assert (cell if isinstance(cell, str) else cell(language)) in said
                case Picture():
                    assert figures(drawn(part, language)) <= figures(said) | figures(typed)
                    for one in part.frames:
                        assert (one if isinstance(one, str) else one(language)) in said
                case Chart():
                    assert part.title(language) in of_charts
                    for line in part.lines:
                        name = line.name if isinstance(line.name, str) else line.name(language)
                        colon = ": " if language == "en" else "："
                        assert f"{name}{colon}" in of_charts
    assert all(goal(language) in said for goal in lab.goals)
    assert whole_address(app) == {"lab": lab.name}
    assert not app.warning
    assert not app.error


def test_every_step_of_a_long_film_stands_as_text():
    """Of 7×7 numbers in order, 0·n + 1·(n + 1) + 2·(n + 7) + 3·(n + 8) = 6n + 39 from n on."""
    image = "\n".join(" ".join(str(7 * row + column) for column in range(7)) for row in range(7))
    app = turn(page(), "image", image)
    sums = {6 * (7 * row + column) + 39 for row in range(6) for column in range(6)}
    assert all(f" = {value}\n" in f"{text(app)}\n" for value in sums)
    (rest,) = [one for one in app.expander if "steps as text" in one.label]
    assert rest.label == "The other 20 steps as text"
    assert rest.text[0].value.endswith("40·0 + 41·1 + 47·2 + 48·3 = 0 + 41 + 94 + 144 = 279")


def test_a_number_of_a_table_stays_with_its_unit_and_its_row():
    tables = plain("\n".join(one.value for one in page(lab="stacks").markdown))
    assert "72.0\N{NO-BREAK SPACE}%" in tables
    assert "415\N{NO-BREAK SPACE}M" in tables
    tables = plain("\n".join(one.value for one in page(lab="batch-norm").markdown))
    assert "−1\N{NO-BREAK SPACE}1 / −1\N{NO-BREAK SPACE}1" in tables


def test_a_chart_is_said_in_numbers():
    """By hand: σ(−8) = 1/(1 + e^8) = 0.000335, σ(8) = 1 − σ(−8), and the steepest σ is 1/4."""
    values, slopes, *_ = (one.proto.alt for one in page(lab="activation").get("plotly_chart"))
    assert values.startswith("Chart “Values”: f(x) over x. ")
    assert "sigmoid: 0.000335 at −8, 1 at 8; between 0.000335 and 1." in values
    assert "ReLU: 0 at −8, 2 at 8; between 0 and 2." in values
    assert "sigmoid: 0.000335 at −8, 0.000335 at 8; between 0.000335 and 0.25." in slopes


@every_lab
def test_every_knob_has_a_widget(lab):
    """But those that change nothing, which come when they do."""
    app = page(lab=lab.name)
    idle = {name for section in lab.sections for name in section.idle(lab.settings())}
    for declared in lab.settings.knobs():
        if declared.name not in idle and not is_step(declared):
            assert declared.label.en in widget(app, declared.name).label
    assert not idle or lab.name == "edges"


def test_a_kernel_of_ones_own_is_typed_only_where_it_is_used():
    app = page(lab="edges")
    assert not [one for one in app.text_area if ".own." in one.key]
    app = turn(app, "filter", "own")
    app = turn(app, "own", "1 1\n1 1")
    assert whole_address(app) == {"lab": "edges", "filter": "own", "own": "1,1_1,1"}


def test_the_page_opens_with_convolution():
    app = page()
    assert whole_address(app) == {"lab": "convolution"}
    assert "19 25 / 37 43" in text(app)
    assert "5 11 / 23 29" in text(app)
    assert "80.67 → 80" in text(app)


def test_an_edited_matrix_is_computed_and_stands_in_the_address():
    app = turn(page(), "kernel", "1 0\n0 0")
    assert "0 1 / 3 4" in text(app)
    assert whole_address(app) == {"lab": "convolution", "kernel": "1,0_0,0"}
    again = page(**whole_address(app))
    assert "0 1 / 3 4" in text(again)
    assert widget(again, "kernel").value == "1 0\n0 0"


@pytest.mark.parametrize(
    ("knob", "value", "drawn"),
    [("momentum", 0.5, [2]), ("batch", "1 2\n3 5", [0]), ("epsilon", 0.1, [0, 1, 2, 5])],
)
def test_a_turned_knob_draws_only_the_sections_that_read_it(knob, value, drawn):
    """The three of batch norm's other five sections that read ε are named by hand."""
    app = page(lab="batch-norm")
    widget(app, knob).set_value(value)
    run(app)
    titles = [section.title.en for section in LABS["batch-norm"].sections]
    assert [plain(one.value) for one in app.subheader] == [titles[at] for at in drawn]
    assert not app.button(key="labs.undo").disabled
    assert knob in whole_address(app)


def test_a_refused_cell_keeps_the_last_good_picture_and_says_the_rule():
    app = turn(page(), "kernel", "1 x\n0 0")
    (error,) = app.error
    assert "Row 1, column 2 is 'x'" in plain(error.value)
    assert "equally long rows" in plain(error.value)
    assert "19 25 / 37 43" in text(app)
    assert widget(app, "kernel").value == "1 x\n0 0"
    turn(app, "kernel", "0 1\n2 3")
    assert not app.error


def test_what_goes_together_only_now_is_taken_over():
    """A kernel that is too large waits until the image is large enough."""
    app = turn(page(), "kernel", "1 0 0 0\n0 0 0 0\n0 0 0 0\n0 0 0 0")
    assert "reaches over 4 rows" in plain(app.error[0].value)
    app = turn(app, "padding", 1)
    assert not app.error
    assert whole_address(app)["padding"] == "1"
    assert whole_address(app)["kernel"].startswith("1,0,0,0_")


def test_something_to_try_sets_the_lab_and_can_be_undone():
    app = page()
    (button,) = [b for b in app.button if b.key == "lab-convolution-0-try-0"]
    button.click()
    run(app)
    assert whole_address(app) == {"lab": "convolution", "flipped": "true", "step": "4"}
    app.button(key="labs.undo").click()
    run(app)
    assert whole_address(app) == {"lab": "convolution"}
    app.button(key="labs.redo").click()
    run(app)
    assert whole_address(app)["flipped"] == "true"
    app.button(key="labs.reset").click()
    run(app)
    assert whole_address(app) == {"lab": "convolution"}
    assert app.button(key="labs.reset").disabled


def test_a_drag_is_one_step_and_the_address_waits_for_its_end(monkeypatch):
    """As on Architecture, whose tests hold the history itself."""
    monkeypatch.setattr(benches.st, "session_state", {})
    lab = LABS["activation"]
    bench, knob = Bench(lab, lab.settings()), lab.settings.knob("x")
    slider = bench.widget_key(knob)
    benches.st.session_state[slider] = 2.0
    for x in (2.5, 3.0, 3.5):
        bench.drag(knob, Drag(slider, x, 1, ended=x == 3.5))
        assert bench.settings.x == x
        assert bool(bench.history.drag) == (x != 3.5)
    bench.undo()
    assert bench.settings == lab.settings()
    bench.redo()
    assert bench.settings.x == 3.5


def test_a_lab_is_left_and_found_again():
    app = turn(page(), "padding", 1)
    choose(app, "pooling")
    assert whole_address(app) == {"lab": "pooling"}
    choose(app, "convolution")
    assert whole_address(app) == {"lab": "convolution", "padding": "1"}


def choose(app, name):
    (pills,) = [one for one in app.get("button_group") if one.key.startswith("labs.which")]
    pills.set_value(name)
    return run(app)


def test_a_faulty_address_is_told_and_the_rest_is_kept():
    app = page(lab="pooling", window="9", kind="average", colour="red")
    (warning,) = app.warning
    said = plain(warning.value)
    assert "window is 9" in said or "window 9" in said
    assert "colour is not a knob" in said
    assert whole_address(app) == {"lab": "pooling", "kind": "average"}
    app = page(lab="polling")
    assert "'polling' does not exist; the nearest are pooling" in plain(app.warning[0].value)
    assert whole_address(app) == {"lab": "convolution"}


def test_links_lead_to_the_zoo():
    app = page(lab="convolution")
    links = re.findall(
        r"\]\(((?:architecture|compare)\?[^)]+)\)", "\n".join(m.value for m in app.markdown)
    )
    assert links == [place.link({}) for place in LABS["convolution"].places]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_lab_leads_to_the_experiments_that_try_it(lang):
    shown = plain("\n".join(one.value for one in page(lab="inception", lang=lang).markdown))
    for name in LABS["inception"].experiments:
        title = EXPERIMENTS[name].title(lang)
        assert f"[{title}](experiments?experiment={name}&lang={lang})" in shown
    assert "experiments?" not in plain("\n".join(one.value for one in page(lab="edges").markdown))


@pytest.fixture(scope="module")
def entries():
    return plain("\n".join(one.value for one in open_page("glossary").markdown))


@every_lab
def test_a_lab_and_the_glossary_lead_to_each_other(lab, entries):
    """Every term whose entry leads to the lab is linked from it."""
    shown = plain("\n".join(one.value for one in page(lab=lab.name).markdown))
    for key, term in of_lab(lab.name).items():
        assert f"[{term.name.en}](glossary?lang=en&term={key})" in shown
    title = f"Labs · {lab.title.en}"
    assert entries.count(f"[{title}](labs?lab={lab.name}") == len(of_lab(lab.name))


# a picture of the user's own


def png(image):
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_an_own_picture_is_asked_for_and_filtered():
    app = page(lab="edges", source="own")
    assert "Draw or upload a picture" in text(app)
    assert not app.error
    filters = LABS["edges"].settings(source="own", filter="blur")
    (asks,) = LABS["edges"].sections[1].show(filters)
    stripes = np.tile([0.0, 0.0, 0.0, 0.9], (8, 2))
    images, _, numbers, _ = asks.show(stripes)
    assert [image.shape for image in images.images] == [(8, 8), (6, 6)]
    assert [row[2] for row in numbers.rows] == ["0.9", "0.3"]  # one of three columns is 0.9


@pytest.mark.parametrize("size", [(4096, 4096), (1, 1), (3000, 1), (1, 3000)])
def test_an_uploaded_picture_of_any_size_is_a_small_square(size):
    red = open_picture(png(Image.new("RGB", size, (255, 0, 0))))
    shown = grey(np.array(own_picture.small(red, SIDE)))
    assert shown.shape == (140, 140)
    assert (abs(shown - shown[0, 0]) < 1e-9).all()
    for lab in ("edges", "attention-to-channels"):
        section = LABS[lab].sections[1 if lab == "edges" else 0]
        (asks,) = section.show(LABS[lab].settings(source="own"))
        assert asks.show(shown)


def test_a_file_that_is_no_picture_is_refused_with_a_sentence():
    """What was made of a picture goes with the picture."""
    app = page(lab="edges", source="own")
    choice = next(one for one in app.get("button_group") if one.key.startswith("try.way"))
    choice.set_value("Upload")
    run(app)
    app.file_uploader[0].set_value(("a.png", b"not a picture", "image/png"))
    run(app)
    (error,) = app.error
    assert "no PNG or JPEG" in plain(error.value)
    assert not kept(app)
    app.file_uploader[0].set_value(("a.png", png(Image.linear_gradient("L")), "image/png"))
    run(app)
    assert not app.error
    assert kept(app)
    assert "Draw or upload a picture" not in text(app)
    app.file_uploader[0].set_value(None)
    run(app)
    assert not kept(app)


def kept(app):
    return "own.lab-edges-1-0" in app.session_state
