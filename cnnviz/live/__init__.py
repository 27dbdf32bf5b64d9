"""Networks that are really built and run, in a process beside the web process."""
