"""Decoding in worker processes that may crash, hang or run out of memory without harm to the rest.

What is decoded here is all that foreign code parses: compressed pixel data (our own RLE decoder too, so that two
slices are decoded at a time), deflated data sets, and volume files (nibabel, SimpleITK), headers and voxels. What stays
in the calling process, by decision: native pixel data, whose bytes are counted and copied and nothing more; headers of
DICOM files, which are parsed in Python under bounds of their own (the header of a deflated file by zlib, under a cap).

A worker is started by name with a socket in its hands, and never by ``multiprocessing``, whose pipes unpickle what the
other side says. It gets paths and memory to fill; it says numbers, and names of rows in :data:`.FAULTS`. Answers are
checked word by word, and every sentence that a user reads is made on this side. The voxels are decoded into shared
memory that has no name, are judged here, and are never copied.

The limits hold accidents in: a broken or hostile file costs its own series and nothing else. They are no jail: code
that took a worker over would run with the rights of the user.
"""
