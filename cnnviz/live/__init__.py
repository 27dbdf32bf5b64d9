"""Networks that are really built and run, in a process of their own beside the web process."""
