"""The results of the parts of a divided run, joined."""
