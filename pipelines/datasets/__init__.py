"""From annotated scans, in whatever form they come, to one data list; from a data list to training patches."""
