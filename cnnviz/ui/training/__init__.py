"""The Training page's parts: the recipe, the runs, and what became of them."""
