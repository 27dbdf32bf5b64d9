"""The Line page: from LeNet to EfficientNet, each step as a difference with its reason."""
