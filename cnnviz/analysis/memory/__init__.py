"""Memory of a training step, counted to the byte."""
