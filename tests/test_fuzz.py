"""Every door by which data comes in, tried with thousands of things that nobody thought of.

Whatever comes is read, or refused with a sentence in both languages; no other error gets out.
"""

import json
from io import BytesIO

import pytest
import torch
from doors import are_sentences, damaged, knock, parameters, spoilt, trials
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save
from torch import nn
from training_requests import request

import cnnviz
from cnnviz.analysis.timing.times import Row, Times, times_from_json
from cnnviz.analysis.traces import as_json
from cnnviz.data.pictures import SIDE, open_picture
from cnnviz.exports import saved
from cnnviz.labs import LABS
from cnnviz.library.loading import opened
from cnnviz.text import ExplainedError
from cnnviz.training.request import Request
from cnnviz.training.results import load_weights
from cnnviz.ui.session import address, look_address
from cnnviz.ui.session.look import Look
from cnnviz.zoo import FAMILIES, PRESETS

SPEC = PRESETS["lenet-d2l"].spec
REPORT = cnnviz.analyze(SPEC)
TIMES = Times("net", "GPU", 8, "fp32", False, (Row("conv", 1.0, 2.0), Row("fc", 0.5)), 1.5)


def picture(form):
    file = BytesIO()
    Image.effect_noise((9, 7), 60).convert("RGB").save(file, form)
    return file.getvalue()


def the_address(asked):
    preset, spec, problems = address.read(asked, "lenet-5")
    are_sentences(problems)
    again = address.read(address.write(preset.name, spec), "lenet-5")
    assert again == (preset, spec, [])


def the_look(asked):
    look, problems = look_address.read_look(asked, REPORT, Look())
    are_sentences(problems)
    again, _ = look_address.read_look(look_address.write_look(look, REPORT), REPORT, Look())
    assert again == look


def a_lab(asked):
    lab, texts = asked
    found, problems = address.read_knobs(LABS[lab].settings(), texts, of=lab)
    are_sentences(problems)
    assert found.from_values(found.values) == found


def a_trace(text):
    report = opened(text.encode())
    assert str(report)
    assert report.to_dict()


def times(text):
    found = times_from_json(text.encode())
    assert times_from_json(found.to_json().encode()) == found


def a_setting(text, file):
    file.write_text(text)
    spec = saved.load(file)
    file.write_text(saved.as_json(spec, "again"))
    assert saved.load(file) == spec


def a_job(text):
    found = Request.from_json(text)
    assert Request.from_json(found.to_json()) == found


def a_picture(content):
    image = open_picture(content)
    assert image.mode == "RGB"
    assert max(image.size) <= SIDE


def weights(content, file):
    file.write_bytes(content)
    loaded = load_weights(nn.Linear(3, 2), file)
    assert loaded(torch.zeros(1, 3)).shape == (1, 2)


NAMES = sorted({knob.name for family in FAMILIES.values() for knob in family.spec.knobs()})
DOORS = {
    "address": (
        the_address,
        parameters("preset", "count", "v", "lang", *NAMES).flatmap(
            lambda asked: st.sampled_from(list(PRESETS)).map(lambda name: {"preset": name, **asked})
        ),
    ),
    "look": (the_look, parameters(*look_address.KEYS)),
    "lab": (
        a_lab,
        st.sampled_from(list(LABS)).flatmap(
            lambda lab: st.tuples(
                st.just(lab), parameters(*(knob.name for knob in LABS[lab].settings.knobs()))
            )
        ),
    ),
    "trace": (a_trace, spoilt(json.loads(as_json(REPORT)))),
    "times": (times, spoilt(json.loads(TIMES.to_json()))),
    "setting": (a_setting, spoilt(json.loads(saved.as_json(SPEC, "net")))),
    "job": (a_job, spoilt(json.loads(request().to_json()))),
    "PNG": (a_picture, damaged(picture("PNG"))),
    "JPEG": (a_picture, damaged(picture("JPEG"))),
    "weights": (weights, damaged(save(nn.Linear(3, 2).state_dict()))),
}


@trials(DOORS)
def test_whatever_comes_is_read_or_refused_in_a_sentence(name, examples, tmp_path):
    door, things = DOORS[name]
    knock(door, things, examples, *([tmp_path / "file"] if door in (a_setting, weights) else ()))


@pytest.mark.parametrize("version", ["Infinity", "-Infinity", "NaN", "1e400", "null", "[]"])
def test_a_version_that_is_no_number_is_refused(version, tmp_path):
    """Found by reading."""
    file = tmp_path / "net.json"
    file.write_text(f'{{"family": "lenet", "knobs": {{}}, "version": {version}}}')
    with pytest.raises(ExplainedError):
        saved.load(file)
    fields = json.loads(request().to_json()) | {"version": json.loads(version)}
    with pytest.raises(ExplainedError):
        Request.from_json(json.dumps(fields))
