"""Time of every op of a network on a device, and what bounds it."""
