"""The stream inspector's window, opened from a reply."""
