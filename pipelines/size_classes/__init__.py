"""Size classes in the style of two guidelines, for research: rules on numbers that are known, and no category."""
