"""A service between an archive (PACS) and ``resmtnet infer``."""
