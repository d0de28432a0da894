"""MONAI bundles: configs, docs, weights; data, no logic."""
