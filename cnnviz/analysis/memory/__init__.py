"""What a training step keeps in memory, counted to the byte."""
