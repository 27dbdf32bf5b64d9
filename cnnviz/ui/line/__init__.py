"""The Line page: from LeNet to ShuffleNet, each step as a difference with its reason."""
