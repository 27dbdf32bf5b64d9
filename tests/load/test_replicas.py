"""Two web servers behind the example of a proxy, each browser at the one it began with."""

import base64
import ssl
from dataclasses import replace

import pytest
from crowd import lesson
from nginx import PASSWORD, PROGRAM, USER, WITHOUT, nginx
from servers import Server, in_a_loop_of_its_own
from test_class import EVERY, LASTS, STUDENTS, cached, warm

LOGIN = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def student(number: int):
    """One of the class who has logged in and has a cookie."""
    headers = {"Authorization": LOGIN, "Cookie": f"cnnviz_place={number}"}
    trusting = ssl._create_unverified_context()
    return replace(cached(number), options={"additional_headers": headers, "ssl": trusting})


@pytest.mark.load
@pytest.mark.skipif(not PROGRAM, reason=WITHOUT)
def test_thirty_students_at_two_servers(tmp_path, capsys):
    with (
        Server() as one,
        Server() as two,
        nginx(tmp_path, [one.port, two.port]) as (_, https),
    ):
        for app in (one, two):
            in_a_loop_of_its_own(warm(app.address))
        students = [student(number) for number in range(STUDENTS)]
        url = f"https://127.0.0.1:{https}"
        tally = in_a_loop_of_its_own(lesson(url, students, every=EVERY, lasts=LASTS))
        sizes = [app.memory() / 1e6 for app in (one, two)]
    with capsys.disabled():
        print(f"\ntwo servers behind nginx {tally}, {sizes[0]:.0f} and {sizes[1]:.0f} MB")
    assert not tally.errors
    assert tally.percentile(95) < 0.5
