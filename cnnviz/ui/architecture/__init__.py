"""The Architecture page: one network, its knobs and its views."""
