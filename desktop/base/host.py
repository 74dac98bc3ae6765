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


def is_own_network(host: str) -> bool:
    """Whether a host's name or address belongs to this computer or the network around it."""
    if is_this_computer(host):
        return True
    host = host.rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        # A bare name, or one of those that routers and multicast DNS give.
        return bool(host) and (
            "." not in host or host.endswith((".local", ".lan", ".home.arpa", ".internal"))
        )
