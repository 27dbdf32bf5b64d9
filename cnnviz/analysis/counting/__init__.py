"""What counts as an operation: conventions, and what other tools count."""
