"""The share link: what is written is read back, what is wrong is explained, the rest is kept."""

import pytest
import segno

from cnnviz import spec
from cnnviz.analysis.counting.conventions import CONVENTIONS
from cnnviz.ui.kit.qr_code import MOST, qr_code
from cnnviz.ui.session.address import (
    read,
    read_counting,
    read_slot,
    speaks_of,
    write,
    write_counting,
    write_slot,
)
from cnnviz.zoo import PRESETS

DEFAULT = "densenet-121"


def test_every_preset_and_every_turned_knob_come_back(every_preset):
    assert write(every_preset.name, every_preset.spec) == {"preset": every_preset.name}
    for knob in every_preset.spec.knobs():
        for value in knob.extremes:
            wanted, problems = every_preset.spec.settle({knob.name: value})
            parameters = write(every_preset.name, wanted)
            preset, found, notes = read(parameters, DEFAULT)
            assert (preset, found, notes) == (every_preset, wanted, [])
            assert len(parameters) <= 2 or problems


def test_no_address_is_the_default():
    preset, found, notes = read({}, DEFAULT)
    assert (preset.name, found, notes) == (DEFAULT, spec(DEFAULT), [])


def test_bad_values_are_explained_and_the_rest_is_kept():
    asked = {
        "preset": "densenet-169",
        "growth_rate": "12",
        "compression": "nan",
        "depths": "6-12-x",
        "stem": "<script>",
        "image_size": "8",
        "nonsense": "1",
        "lang": "zh",
    }
    preset, found, notes = read(asked, DEFAULT)
    assert preset.name == "densenet-169"
    assert found == spec("densenet-169", growth_rate=12)
    assert {note.knob for note in notes} == {
        "compression",
        "depths",
        "stem",
        "image_size",
        "nonsense",
    }


def test_an_unknown_preset_is_explained():
    preset, found, notes = read({"preset": "densnet-169", "growth_rate": "12"}, DEFAULT)
    assert preset is PRESETS[DEFAULT]
    assert found.growth_rate == 12
    assert "densenet-169" in notes[0].message.en


def test_a_conflict_named_elsewhere_gives_up_the_turned_knob():
    good = spec(DEFAULT)
    found, problems = good.settle({"depths": (1,) * 11, "growth_rate": 8})
    assert found == spec(DEFAULT, growth_rate=8)
    assert list(problems) == ["depths"]


def test_values_that_only_go_together_are_taken_together():
    wanted = {"depths": (1,) * 9, "stem": "cifar", "image_size": 256}
    found, problems = spec(DEFAULT).settle(wanted)
    assert found == spec(DEFAULT, **wanted)
    assert problems == {}


def test_a_knob_that_is_left_out_is_named_where_another_one_tells_why():
    asked = {"compression": "0.1", "growth_rate": "1", "stem_channels": "1"}
    _, found, notes = read(asked, DEFAULT)
    assert found == spec(DEFAULT, compression=0.1, growth_rate=1)
    (note,) = notes
    assert note.knob == "stem_channels"
    assert note.message.en.startswith("stem_channels 1 was left out: compression is 0.1")


@pytest.mark.parametrize("text", ["9" * 10_000, "%00", "\u202e", "-" * 5000, "1-" * 9999])
def test_hostile_values_cost_a_sentence(text):
    _, found, notes = read({"depths": text, "growth_rate": text, text[:50]: text}, DEFAULT)
    assert found == spec(DEFAULT)
    assert all(len(note.message.en) < 400 for note in notes)


@pytest.mark.parametrize("counting", CONVENTIONS)
def test_the_way_to_count_comes_back(counting):
    parameters = write_counting(counting)
    assert parameters == ({} if counting == "macs" else {"count": counting})
    assert read_counting(parameters) == counting
    _, found, notes = read({"preset": DEFAULT, **parameters}, DEFAULT)
    assert (found, notes) == (spec(DEFAULT), [])


@pytest.mark.parametrize("bad", ["", "MACs", "<script>", "9" * 9999])
def test_a_bad_way_to_count_is_explained(bad):
    assert read_counting({"count": bad}) == "macs"
    (note,) = read({"count": bad}, DEFAULT)[2]
    assert "macs, flops, all" in note.message.en
    assert len(note.message.en) < 200


def turned(spec):
    """The spec with one knob at another value."""
    tried = (spec.settle({knob.name: value})[0] for knob in spec.knobs() for value in knob.extremes)
    return next(other for other in tried if other != spec)


def test_several_slots_come_back(every_preset):
    start, other = every_preset.spec, turned(every_preset.spec)
    slots = {"n1": other, "n10": start, "n2": spec(DEFAULT), "main": other}
    names = {name: DEFAULT if name == "n2" else every_preset.name for name in slots}
    parameters = {}
    for name, wanted in slots.items():
        parameters |= write_slot(name, names[name], wanted)
    (knob,) = other.differences(start)
    assert parameters["n1"] == parameters["n10"] == parameters["preset"] == every_preset.name
    assert parameters[f"n1.{knob}"] == parameters[knob]
    for name, wanted in slots.items():
        found = read_slot(name, parameters, "lenet-5", own=("n1", "n2", "n10"))
        assert found == (PRESETS[names[name]], wanted, [])


def test_a_slot_explains_as_the_main_one_does():
    asked = {"growth_rate": "12", "stem": "<script>", "image_size": "8", "compression": "0.1"}
    plain = read({"preset": "densnet-169", **asked}, DEFAULT)
    prefixed = {f"n1.{name}": text for name, text in asked.items()}
    assert read_slot("n1", {"n1": "densnet-169", **prefixed, **asked}, DEFAULT) == plain
    assert len(plain[2]) == 3


def test_what_is_nobodys_is_told_by_whoever_has_the_plain_names():
    asked = {"run": "7", "n1": "lenet-5", "n1.stem": "1", "n2.stem": "1"}
    assert read_slot("n2", {"n1": "lenet-5", "run": "7"}, DEFAULT)[2] == []
    assert [note.knob for note in read_slot("n1", asked, DEFAULT)[2]] == ["n1.stem"]
    assert [note.knob for note in read(asked, DEFAULT)[2]] == list(asked)
    assert [note.knob for note in read(asked, DEFAULT, own=("run", "n1"))[2]] == ["n2.stem"]
    assert [note.knob for note in read({"preset.stem": "1"}, DEFAULT)[2]] == ["preset.stem"]


def test_which_slots_an_address_speaks_of():
    asked = {"n1": "lenet-5", "n10.stem": "1", "lang": "zh", "embed": "true", "run": "7"}
    assert [name for name in ("n1", "n2", "n10") if speaks_of(name, asked)] == ["n1", "n10"]
    assert speaks_of("main", asked)
    assert not speaks_of("main", asked, own=("n1", "n10", "run"))
    assert speaks_of("main", {"preset": "lenet-5"})


def test_a_qr_code_holds_as_much_as_is_said():
    assert "<svg" in qr_code("x" * MOST)
    with pytest.raises(segno.DataOverflowError):
        qr_code("x" * (MOST + 1))


@pytest.mark.parametrize(("asked", "shown"), [("vgg16", "vgg-d"), ("LeNet", "lenet-5")])
def test_a_common_name_finds_its_network(asked, shown):
    assert read({"preset": asked}, DEFAULT) == (PRESETS[shown], PRESETS[shown].spec, [])
