"""Printed numbers, sizes and layers: what rounds to them, is cut to them, or is none of them."""

from fractions import Fraction

import pytest

from cnnviz.ledger import Verdict
from cnnviz.ledger.printed import parse_layers, parse_number, parse_shape

EXACT, ROUNDED, CUT, DIFFERENT, ABSENT = Verdict


@pytest.mark.parametrize(
    ("text", "built", "verdict"),
    [
        ("60,965,128", 60_965_128, EXACT),
        ("60,965,128", 60_965_224, DIFFERENT),
        ("270", 269, DIFFERENT),
        ("3.8×10⁹", 3_857_973_248, CUT),
        ("3.8×10⁹", 3_800_000_000, EXACT),
        ("3.8×10⁹", 3_750_000_000, ROUNDED),
        ("3.8×10⁹", 3_749_999_999, DIFFERENT),
        ("3.8×10⁹", 3_899_999_999, CUT),
        ("3.8×10⁹", 3_900_000_000, DIFFERENT),
        ("3.8×10⁹", 4_089_184_256, DIFFERENT),
        ("0.27M", 269_722, ROUNDED),
        ("11.3G", 11_349_999_999, ROUNDED),
        ("11.3G", 11_350_000_000, CUT),
        ("55.6%", Fraction(27, 49), DIFFERENT),
        ("55.1%", Fraction(27, 49), ROUNDED),
        ("16.86", Fraction(1_180_160, 70_016), ROUNDED),
        ("<10", Fraction("10.9"), DIFFERENT),
        ("<10", Fraction("9.6"), ROUNDED),
        ("<10", 10, DIFFERENT),
        (">0", 1, EXACT),
        (">0", 0, DIFFERENT),
    ],
)
def test_rounding_and_cutting(text, built, verdict):
    assert parse_number(text).verdict(built) is verdict


def test_what_agrees_is_what_rounds_or_is_cut_to_the_printed_digits():
    """Against decimal strings: every whole number around 159K, by both meanings of K."""
    for kilo in (1000, 1024):
        printed = parse_number("159K", kilo=kilo)
        for built in range(157 * kilo, 162 * kilo):
            rounded = int(built / kilo + 0.5) == 159
            cut = int(built / kilo) == 159
            expected = ROUNDED if rounded else CUT if cut else DIFFERENT
            assert printed.verdict(built) is (EXACT if built == 159 * kilo else expected), built


def test_k_is_1024_where_the_source_says_so():
    assert parse_number("159K", kilo=1024).verdict(163_696) is CUT
    assert parse_number("159K").verdict(163_696) is DIFFERENT
    assert parse_number("159K", kilo=1024).show(163_696) == "159.9K"


@pytest.mark.parametrize(
    ("text", "built", "verdict", "shown"),
    [
        ("112×112×64", (1, 64, 112, 112), EXACT, "112×112×64"),
        ("112×112×64", (1, 64, 112, 111), DIFFERENT, "112×111×64"),
        ("112×112", (1, 64, 112, 112), EXACT, "112×112"),
        ("1×1×1000", (1, 1000), EXACT, "1×1×1000"),
        ("1×1", (1, 1000), EXACT, "1×1"),
        ("400", (1, 400), EXACT, "400"),
        ("400", (1, 400, 1, 1), DIFFERENT, "1×1×400"),
        ("2 × (13×13×192)", (1, 384, 13, 13), EXACT, "2 × (13×13×192)"),
        ("2 × (13×13×192)", (1, 256, 13, 13), DIFFERENT, "2 × (13×13×128)"),
        ("2 × (13×13×192)", (1, 13, 13, 13), DIFFERENT, "13×13×13"),
        ("2 × (1×1×2048)", (1, 4096), EXACT, "2 × (1×1×2048)"),
    ],
)
def test_sizes(text, built, verdict, shown):
    printed = parse_shape(text)
    assert printed.verdict(built) is verdict
    assert printed.show(built) == shown


@pytest.mark.parametrize("text", ["", "2.7k", "12,", "1.8×10", "a", "-3", "1e9"])
def test_what_is_no_printed_number(text):
    with pytest.raises(ValueError, match="no printed"):
        parse_number(text)
    with pytest.raises(ValueError, match="no printed"):
        parse_shape(text)


@pytest.mark.parametrize("text", ["", "conv3", "conv3-64 relu", "FC"])
def test_what_are_no_printed_layers(text):
    with pytest.raises(ValueError, match="no printed layers"):
        parse_layers(text)
