"""What anyone may use: no Qt, no I/O at import."""
