"""Seal: how a page that was written earlier is known to be our own, and unchanged since.

Pictures are kept in the page of a run itself, and runs travel: a stranger's page may hold anything. So what is kept bears a
seal that only this user's Deepglass can make, with a secret of its own beside the cache; what bears none is drawn again.
"""

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from deepglass.data.catalogue import cache_folder

SECRET_BYTES = 32


def sealed(key: str, content: str) -> str | None:
    """The seal of some content that stands for a key; None where no secret can be kept."""
    secret = _secret(cache_folder() / "seal")
    if secret is None:
        return None
    return hmac.new(secret, f"{key}\n{content}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def is_sealed(key: str, content: str, seal: str) -> bool:
    """Whether a seal was made here, for this key and this content."""
    own = sealed(key, content)
    return own is not None and hmac.compare_digest(own, seal)


@cache
def _secret(path: Path) -> bytes | None:
    """This user's secret, drawn once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
        except FileExistsError:
            pass
        known = path.read_bytes()
    except OSError:
        return None
    return known if len(known) == SECRET_BYTES else None
