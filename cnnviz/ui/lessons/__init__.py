"""The Lessons page: read, predict, look, answer."""
