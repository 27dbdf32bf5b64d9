"""What pages are put together from: words, widgets, components."""
