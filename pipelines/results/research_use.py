"""The line that stands on every result."""

RESEARCH_USE = "Research use only. Not a medical device."
