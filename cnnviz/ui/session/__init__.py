"""What one visitor's session holds: networks, address, device, and who it is."""
