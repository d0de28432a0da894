"""The word that names a cluster."""

from __future__ import annotations

import re

LOCAL = "local"
AUTO = "auto"
_HOST_AND_PORT = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}")


def ray_address(cluster: str) -> str:
    """Turn ``ray``, ``ray://auto`` or ``ray://HOST:PORT`` into what ``ray.init`` calls an address.

    ``ray`` starts Ray on this machine; ``ray://auto`` is the cluster that this machine is part of (RAY_ADDRESS where
    it is set); HOST:PORT is that of the head of a running cluster, as given to ``ray start --address``. This machine
    must be part of it. It is not the port of Ray Client, which writes its addresses in the same way.

    Raises
    ------
    ValueError
        Another word.
    """
    scheme, separator, address = cluster.partition("://")
    if scheme != "ray" or (separator and address != AUTO and not _HOST_AND_PORT.fullmatch(address)):
        raise ValueError(f"expected ray, ray://auto or ray://HOST:PORT; found {cluster!r}")
    return address or LOCAL
