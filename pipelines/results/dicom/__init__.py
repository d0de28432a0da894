"""The findings as DICOM objects, filed with the study they were found in."""
