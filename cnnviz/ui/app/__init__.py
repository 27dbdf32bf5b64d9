"""The app around its pages: server, entry, header, errors."""
