"""SSH: asyncssh with an old server's version text; nobody can sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncssh

from plant.stacks import Place


class _PasswordsOnly(asyncssh.SSHServer):
    """Asks for a password and accepts none."""

    def password_auth_supported(self) -> bool:
        return True


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve the sign-in; the host key is made once and kept."""
    path = place.state.certificates / f"{place.host.key}-ssh"
    if not path.exists():
        path.touch(mode=0o600)
        asyncssh.generate_private_key("ssh-rsa").write_private_key(path)
    listener = await asyncssh.listen(
        place.address,
        place.port,
        server_host_keys=[path],
        server_factory=_PasswordsOnly,
        server_version="OpenSSH_7.4",
    )
    try:
        yield
    finally:
        listener.close()
        await listener.wait_closed()
