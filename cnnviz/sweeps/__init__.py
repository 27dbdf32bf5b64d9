"""One or two knobs of a network over ranges, and what each of these networks costs."""
