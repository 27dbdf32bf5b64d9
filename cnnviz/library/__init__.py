"""What `import cnnviz` offers beside the parts' own functions; networks go by their names, too."""
