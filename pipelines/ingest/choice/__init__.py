"""Which of the series that can be read are taken."""
