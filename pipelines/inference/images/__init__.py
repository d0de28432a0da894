"""Image files, ultrasound frames and CT slices through a bundle's network, to classes, masks and files."""
