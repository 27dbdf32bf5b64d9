"""The Class page: a teacher asks and shows, students answer and follow."""
