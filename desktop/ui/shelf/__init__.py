"""The shelf at the left: search, folders, and the conversations by date."""
