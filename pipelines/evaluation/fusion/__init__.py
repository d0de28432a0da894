"""Figures of the network of two backbones on annotated nodules."""
