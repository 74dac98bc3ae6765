"""What the desktop around the window does with Weir, and Weir with it."""
