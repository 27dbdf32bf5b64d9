"""The Glossary page: a link to a term, and the filter that the address holds."""

from architecture_page_driver import address, open_page
from page_driver import plain, run

from cnnviz.ui.glossary.terms import glossary


def test_a_link_to_a_term_shows_it_first():
    app = open_page()
    app.switch_page("pages/glossary.py")
    app.query_params["term"] = "compression"
    run(app)
    assert app.subheader[0].value == "compression · 压缩因子 · θ"
    assert len(app.subheader) == len(glossary())


def test_the_glossary_is_filtered_and_the_address_holds_the_filter():
    app = open_page()
    app.switch_page("pages/glossary.py")
    app.query_params["find"] = "alexnet neighbouring"
    run(app)
    assert [one.value.partition(" ·")[0] for one in app.subheader] == ["local response norm"]
    app.text_input(key="glossary.find").set_value("步幅")
    run(app)
    assert app.subheader[0].value == "stride · 步幅 · s"
    assert address(app)["find"] == "步幅"
    app.text_input(key="glossary.find").set_value("")
    app.button_group(key="glossary.theme").set_value("counting")
    run(app)
    themed = [term for term in glossary().values() if term.theme == "counting"]
    assert len(app.subheader) == len(themed)
    assert address(app)["theme"] == "counting"
    assert "find" not in address(app)
    app.text_input(key="glossary.find").set_value("shortcut")
    run(app)
    assert not app.subheader
    assert "No term" in app.info[0].value


def test_a_theme_that_is_none_is_explained():
    app = open_page()
    app.switch_page("pages/glossary.py")
    app.query_params["theme"] = "<b>"
    run(app)
    assert "the nearest are structure, convolution" in plain(app.warning[0].value)
    assert len(app.subheader) == len(glossary())
