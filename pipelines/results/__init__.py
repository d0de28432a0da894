"""From a case's record to files: one writer per file, and everything written whole or not at all.

``write_case`` writes the folder of one case, ``write_run`` the files of the whole run, ``finished_cases`` reads back
what is done, ``prepare_output`` makes the output folder fit to write to; ``clear_output`` removes earlier results and
``remove_cases`` single cases.
"""
