"""What the name of a host says about where it is."""

import ipaddress


def is_this_computer(host: str) -> bool:
    """Whether a host's name or address, without brackets and port, is this computer's own."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
