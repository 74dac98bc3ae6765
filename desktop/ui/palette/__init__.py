"""The command palette: every action, every conversation and every model behind one line of text."""
