"""MONAI transforms between the source grid and the model grid."""
