"""The Sweeps page: one or two knobs over their values, and the front of all presets."""
