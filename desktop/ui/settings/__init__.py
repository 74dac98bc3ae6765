"""The settings window, a page a module."""
