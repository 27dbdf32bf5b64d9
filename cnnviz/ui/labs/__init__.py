"""The Labs page."""
