"""Receptive fields: in theory, and as gradients show them."""
