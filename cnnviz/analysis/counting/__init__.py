"""Conventions for counting operations, ours and those of other tools."""
