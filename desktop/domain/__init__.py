"""The values of the field: no Qt, no I/O."""
