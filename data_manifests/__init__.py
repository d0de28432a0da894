"""One manifest per data set; data, no logic."""
