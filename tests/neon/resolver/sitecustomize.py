"""Lets Python resolve `*.localhost` to this machine, where the system's resolver does not.

RFC 6761 wants it of every resolver; glibc without nss-myhostname does not do it. Python imports
this file at start when its folder is on PYTHONPATH.
"""

import socket
from typing import Any

_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    """What socket.getaddrinfo says, but names below `localhost` are 127.0.0.1."""
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
