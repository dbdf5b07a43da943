"""Duration: a time as people write it, such as 1h30m."""

import re

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
WRITTEN = re.compile(r"(?:([\d.]+)\s*h)?\s*(?:([\d.]+)\s*m(?:in)?)?\s*(?:([\d.]+)\s*s)?")


def seconds_of(text: str) -> float:
    """Return the seconds of a time; a bare number is seconds.

    Raises: ValueError, for what is no time.

    >>> seconds_of("90s"), seconds_of("10m"), seconds_of("1h30m"), seconds_of("2.5")
    (90.0, 600.0, 5400.0, 2.5)
    """
    match = WRITTEN.fullmatch(text.strip().lower())
    try:
        if match and any(match.groups()):
            return sum(float(number) * unit for number, unit in zip(match.groups(), UNITS.values()) if number)
        return float(text)
    except ValueError:
        raise ValueError("a time is written such as 90s, 10m or 1h30m, or as a number of seconds") from None
