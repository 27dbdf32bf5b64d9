"""The lessons' texts, a file each; a file's name is the lesson's name in the address."""
