"""A folder of raw scans becomes judged series and HU volumes; neither torch nor MONAI is imported here."""
