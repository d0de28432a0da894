"""NIfTI, MetaImage and NRRD files, judged and read."""
