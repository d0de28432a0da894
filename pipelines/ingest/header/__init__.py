"""The header of a DICOM file to plain values, without trust."""
