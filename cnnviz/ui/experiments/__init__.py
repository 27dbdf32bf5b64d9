"""The Experiments page: predict, run, see."""
