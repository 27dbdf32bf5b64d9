"""A report as tables: rows for the eye, and pandas frames to reckon with."""
