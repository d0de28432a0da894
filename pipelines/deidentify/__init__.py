"""CT objects without the patient: the Basic Application Level Confidentiality Profile of DICOM PS3.15 annex E.

:func:`.deidentify_folder.deidentify_folder` is the whole of it. What is not on a list of ours (kinds of objects in
``reason_to_drop``, attributes in ``allow_list``, shapes of values in ``clean_value``) does not get through, at any
depth of nesting. The output is encoded anew; nothing but pixels and vetted values is copied.
"""
