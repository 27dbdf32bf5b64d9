"""Reports of all presets as a static site, with an index by family and year."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from cnnviz.exports.network import as_network
from cnnviz.exports.report import page, report_page
from cnnviz.exports.style import Style
from cnnviz.families import Family, Preset
from cnnviz.ledger.stories import stories
from cnnviz.numbers import short
from cnnviz.text import LANGUAGES, Text
from cnnviz.zoo import FAMILIES

_TITLE = Text("An atlas of CNN architectures", "卷积神经网络图集")
_BY_FAMILY, _BY_YEAR = Text("By family", "按系列"), Text("By year", "按年份")
_PARAMS = Text("{n} parameters", "参数量 {n}")
_ALL = Text("All networks", "全部网络")
_OTHER = {"en": "zh", "zh": "en"}


def write_atlas(folder: Path, languages: tuple[str, ...] = tuple(LANGUAGES)) -> Iterator[Path]:
    """Write the site: a folder a language, in each index.html and a page a preset.

    Each file is given as soon as it is written.

    Raises:
        ExportError: a graph could not be drawn.
        OSError: a file cannot be written.
    """
    for language in languages:
        here = folder / language
        here.mkdir(parents=True, exist_ok=True)
        style = Style(language=language)
        both = len(languages) > 1
        for preset in _presets():
            text = report_page(as_network(preset.spec), style, top=_top(preset.name, style, both))
            yield _written(here / f"{preset.name}.html", text)
        yield _written(here / "index.html", _index(style, both))
    first = f'<meta http-equiv="refresh" content="0; url={languages[0]}/index.html">'
    links = "".join(
        f'<li><a href="{language}/index.html" lang="{language}">{LANGUAGES[language]}</a></li>'
        for language in languages
    )
    style = Style(language=languages[0])
    body = f"<h1>{_TITLE(style.language)}</h1><ul>{links}</ul>"
    start = page(_TITLE(style.language), body, style).replace("</head>", f"{first}\n</head>", 1)
    yield _written(folder / "index.html", start)


def year_of(preset: Preset) -> int:
    """The year of a preset's own paper (ResNeXt, in the family of ResNet), else of its family's."""
    story = stories()[preset.spec.family]
    own = {step.preset.partition("-")[0]: step.year for step in story.milestones if step.preset}
    return own.get(preset.name.partition("-")[0]) or story.year


def _presets() -> Iterator[Preset]:
    return (preset for family in FAMILIES.values() for preset in family.presets)


def _written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def _top(name: str, style: Style, both: bool) -> str:
    """The way back, and to the same page in the other language."""
    back = f'<a href="index.html">← {_ALL(style.language)}</a>'
    return f"<nav>{back}{_to_other(name, style, both)}</nav>"


def _to_other(name: str, style: Style, both: bool) -> str:
    other = _OTHER[style.language]
    link = f'<a href="../{other}/{name}.html" lang="{other}">{LANGUAGES[other]}</a>'
    return link if both else ""


def _index(style: Style, both: bool) -> str:
    language = style.language
    years: dict[int, list[Preset]] = {}
    for preset in _presets():
        years.setdefault(year_of(preset), []).append(preset)
    parts = [
        f"<nav><span></span>{_to_other('index', style, both)}</nav>",
        f"<h1>{_TITLE(language)}</h1>",
        f"<h2>{_BY_FAMILY(language)}</h2>",
        *(_family(family, language) for family in FAMILIES.values()),
        f"<h2>{_BY_YEAR(language)}</h2>",
        *(f"<h3>{year}</h3>{_list(years[year], language)}" for year in sorted(years)),
    ]
    return page(_TITLE(language), "\n".join(parts), style)


def _family(family: Family, language: str) -> str:
    year = stories()[family.name].year
    return f"<h3>{escape(family.title)} ({year})</h3>{_list(family.presets, language)}"


def _list(presets: tuple[Preset, ...] | list[Preset], language: str) -> str:
    rows = "".join(
        f'<li><a href="{preset.name}.html">{preset.name}</a> · '
        f"{_PARAMS.format(n=short(preset.params))(language)}</li>"
        for preset in presets
    )
    return f'<ul class="atlas">{rows}</ul>'
