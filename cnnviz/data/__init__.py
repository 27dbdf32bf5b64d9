"""Data sets: the embedded and published ones, uploads, shapes drawn on demand."""
