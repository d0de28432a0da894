"""What lies in the input: files that may be opened safely, and the members of zip archives."""
