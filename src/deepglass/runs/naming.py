"""Naming: what of a text that a person gave may stand in a path, and what may be shown."""

import re
import unicodedata

NAME_LENGTH = 100  # characters of a name as it is shown


def slug(text: str) -> str:
    """Return what of a text is safe in a path: small letters and digits, joined by hyphens, at most 40.

    >>> slug("../Fashion MNIST!")
    'fashion-mnist'
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", ascii_text)[:40].strip("-_") or "run"


def shown_name(text: str) -> str:
    """Return a name as it may be shown: of limited length, control and direction characters written as escapes."""
    hidden = {character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    return "".join(f"\\u{ord(c):04x}" if c in hidden else c for c in text[:NAME_LENGTH])
