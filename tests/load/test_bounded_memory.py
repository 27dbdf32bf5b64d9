"""That the web process does not grow with the networks that were looked at."""

import asyncio

import pytest
from crowd import Tally
from servers import Server, in_a_loop_of_its_own
from tab import tab

NETWORKS = 300
TABS = 10
MOST = 900  # MB


@pytest.mark.load
def test_three_hundred_large_networks(capsys):
    """As large as they may be, 1,813 operations each, no two equal, from ten tabs at a time."""
    sizes, tally = [], Tally()

    async def visit(url: str, classes: int) -> None:
        async with tab(
            url, f"?preset=densenet-121&depths=64-64-64-64&num_classes={classes}"
        ) as one:
            await tally.take(one.open())
            for growth_rate in (20, 28, 36, 44, 52):
                await tally.take(one.turn("growth_rate", growth_rate))

    async def visits(url: str, first: int) -> None:
        await asyncio.gather(*(visit(url, first + number) for number in range(TABS)))

    with Server() as app:
        sizes.append(app.memory() / 1e6)
        for first in range(1001, 1001 + NETWORKS // 6, TABS):
            in_a_loop_of_its_own(visits(app.address, first))
            sizes.append(app.memory() / 1e6)
    with capsys.disabled():
        print(f"\n{NETWORKS} networks: {tally}, MB:", *(f"{size:.0f}" for size in sizes))
    assert not tally.errors
    assert max(sizes) < MOST
