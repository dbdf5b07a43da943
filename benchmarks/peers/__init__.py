"""Peers: every contestant as its library's documentation shows it, one file a library, Deepglass among them."""
