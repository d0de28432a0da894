"""A research group's own annotations, in whatever form they have them, to a data list."""
