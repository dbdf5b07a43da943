"""Readers: one file for each kind of source; each returns a `Source`."""
