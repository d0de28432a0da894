"""The network of two backbones as a second opinion on what a detector found."""
