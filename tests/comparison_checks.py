"""What holds in every comparison, whatever the networks."""


def facts(layer):
    """What two equal layers agree in, read from the report once more."""
    shapes = (layer.input_shapes, layer.output_shape)
    return layer.kind, layer.operation, layer.attributes, shapes, layer.params, layer.macs


def check(comparison):
    """Every layer once and in order, totals as in the reports, statuses as they are defined."""
    for number, network in enumerate(comparison.networks):
        rows = [row for row in comparison.rows if row.layers[number] is not None]
        positions = [row.positions[number] for row in rows]
        assert positions == list(range(len(network.report.layers)))
        layers = [row.layers[number] for row in rows]
        assert all(map(lambda one, other: one is other, layers, network.report.layers))
        assert sum(layer.params for layer in layers) == network.report.params
        assert sum(layer.macs or 0 for layer in layers) == network.report.macs
    for row in comparison.rows:
        assert any(row.layers)
        if None in row.layers:
            assert row.status == "only"
        elif len({repr(facts(layer)) for layer in row.layers}) > 1:
            assert row.status == "changed"
        else:
            wiring = [change.what for change in row.changes if row.status == "changed"]
            assert set(wiring) <= {"inputs", "window"}
            assert row.status == ("changed" if wiring else "same")
    stages = [row.stage for row in comparison.rows]
    assert stages == sorted(stages)


def check_parts(comparison):
    """What the knobs are said to add is, together, all that the second network has more."""
    first, second = (network.report for network in comparison.networks)
    assert sum(part.params for part in comparison.knobs) == second.params - first.params
    assert sum(part.macs for part in comparison.knobs) == second.macs - first.macs
