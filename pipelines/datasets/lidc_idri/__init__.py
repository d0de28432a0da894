"""LIDC-IDRI: the readers' XML and the DICOM series to a data list."""
