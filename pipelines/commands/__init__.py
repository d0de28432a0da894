"""One file per sub-command of ``resmtnet``: its options, and what it does with them.

Nothing but the standard library is imported at the top of these: ``--help`` waits neither for numpy nor for torch.
"""
