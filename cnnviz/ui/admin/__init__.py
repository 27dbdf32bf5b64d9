"""The parts of the Admin page."""
