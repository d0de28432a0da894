"""One scan through the bundle's network, from model grid to findings."""
