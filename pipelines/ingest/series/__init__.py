"""The slices of a series judged, split into stacks and planned."""
