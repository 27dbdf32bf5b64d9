"""What is kept for all sessions is limited by what it holds, and says rightly how much that is."""

import gc
import tracemalloc

import pandas as pd
import pytest
from conftest import few

import cnnviz
from cnnviz import kept
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.analysis.trace import is_analyzed


@pytest.fixture(autouse=True)
def empty():
    kept.results.clear()
    yield
    kept.limit(kept.MOST)
    kept.results.clear()


@kept.kept
def text(letter, length):
    return letter * length


def is_kept(letter, length):
    return text.cache_key(letter, length) in kept.results


def test_what_was_used_longest_ago_is_dropped():
    kept.limit(3500)
    for letter in "abac":
        text(letter, 1000)
    assert is_kept("a", 1000)
    text("d", 1000)
    assert [is_kept(letter, 1000) for letter in "abcd"] == [True, False, True, True]
    assert 3000 < kept.results.currsize <= 3500


def test_what_is_too_large_is_not_kept():
    kept.limit(3500)
    text("b", 1000)
    assert len(text("a", 5000)) == 5000
    assert not is_kept("a", 5000)
    assert is_kept("b", 1000)


def test_a_smaller_limit_holds_at_once():
    cnnviz.analyze(cnnviz.spec("lenet-5"))
    assert kept.results.currsize > 10_000
    kept.limit(0)
    assert not kept.results
    assert kept.results.currsize == 0
    cnnviz.analyze(cnnviz.spec("lenet-5"))
    assert not is_analyzed(cnnviz.spec("lenet-5"))


def test_a_tuple_holds_what_its_parts_hold():
    table = pd.DataFrame({"name": ["x" * 100] * 1000})
    assert kept.nbytes(("a" * 1000, table)) > 100_000


@pytest.mark.parametrize("name", few(["lenet-5", "resnet-50", "densenet-121"], {"lenet-5"}))
def test_reports_and_graphs_say_what_they_take(name):
    """Against what Python has really given out, with all that is found out on demand."""
    cnnviz.analyze(cnnviz.spec(name))  # whatever the first pass imports
    spec = cnnviz.spec(name, num_classes=17)
    taken = []
    tracemalloc.start()
    try:
        gc.collect()
        taken.append(tracemalloc.get_traced_memory()[0])
        report = cnnviz.analyze(spec)
        report.to_dict(), report.longest_path
        gc.collect()
        taken.append(tracemalloc.get_traced_memory()[0])
        graph = fold(report, open_to_depth(report, 99))
        gc.collect()
        taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert kept.nbytes(report) == pytest.approx(taken[1] - taken[0], rel=0.5)
    assert kept.nbytes(graph) == pytest.approx(taken[2] - taken[1], rel=0.5)
