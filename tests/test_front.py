"""The front of all presets: who is on it, and where their names stand in its chart."""

from itertools import pairwise

from cnnviz.numbers import short
from cnnviz.render.front_chart import Published, front, front_chart


def test_none_beats_a_network_of_the_front():
    networks = [
        Published("small", 1, 30.0),
        Published("worse", 2, 31.0),
        Published("same cost, worse", 1, 32.0),
        Published("large", 3, 20.0),
        Published("costly for the same", 4, 20.0),
    ]
    assert [one.name for one in front(networks)] == ["small", "large"]
    for one in networks:
        beaten = any(
            other.cost <= one.cost and other.top1_error <= one.top1_error and other != one
            for other in networks
        )
        assert beaten is (one not in front(networks))
    figure = front_chart(networks, title="MACs", show=short, language="en", ink="#000")
    assert figure.data[1].text == ("small", "large")
    assert [name.text for name in figure.layout.annotations] == ["small", "large"]


def test_names_of_the_front_lie_inside_and_apart():
    """In an area of 700 × 370 px, for letters of 7.5 px; a name runs down and left, at 45°."""
    costs = (10, 1000, 1030, 1060, 20000)
    networks = [Published(f"{'n' * 15}-{cost}", cost, 40 - cost / 1000) for cost in costs]
    layout = front_chart(networks, title="MACs", show=short, language="en", ink="#000").layout
    ends = []
    for name in layout.annotations:
        (left, right), (low, high) = layout.xaxis.range, layout.yaxis.range
        x = (name.x - left) / (right - left) * 700 + name.xshift
        y = (name.y - low) / (high - low) * 370 + name.yshift
        reach = len(name.text) * 7.5 / 2**0.5
        assert min(x - reach, y - reach) > -6
        ends.append((x - y) / 2**0.5)
    assert all(after - before > 15 for before, after in pairwise(ends))
    assert layout.xaxis.automargin
    assert layout.yaxis.automargin
