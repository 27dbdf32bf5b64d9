"""The short training job: its data, its recipe, its loop and its queue."""
