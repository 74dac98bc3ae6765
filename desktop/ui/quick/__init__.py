"""The small window for a question in passing."""
