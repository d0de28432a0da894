"""The stages from a folder of scans to files, and the command that runs them."""
