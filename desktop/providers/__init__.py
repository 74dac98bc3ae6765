"""One module per wire protocol: sync, pure, unaware of each other."""
