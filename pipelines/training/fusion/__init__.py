"""Training of the network of two backbones on 2.5D patches."""
