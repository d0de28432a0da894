"""Data sets and Ignite parts that train the network."""
