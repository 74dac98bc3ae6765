"""The embedded model: find it, start it in its own process, stop it."""
