"""Which services somebody can sign in to with a credential."""

from typing import Final

REMOTE_PORTS: Final = frozenset({22, 23, 139, 445, 2323, 3389, 5900, 5901, 5985, 5986})
WEB_PORTS: Final = frozenset({80, 81, 443, 4443, 8000, 8080, 8081, 8443, 9443, 10443})

REMOTE: Final = frozenset({"ssh", "telnet", "rdp", "vnc", "smb"})
WEB: Final = frozenset({"http", "https", "tls", "ftp"})


def is_login(port: int, protocol: str) -> bool:
    """Whether a session on the device starts there: SSH, Telnet, RDP, VNC, SMB, WinRM.

    >>> is_login(10022, "ssh"), is_login(3389, ""), is_login(443, "https")
    (True, True, False)
    """
    return protocol in REMOTE or (port in REMOTE_PORTS and protocol not in WEB)


def is_sign_in(port: int, protocol: str) -> bool:
    """Whether a device may ask for a sign-in there: also on its web pages and by FTP.

    >>> is_sign_in(443, "https"), is_sign_in(102, "s7")
    (True, False)
    """
    return is_login(port, protocol) or protocol in WEB or port in WEB_PORTS
