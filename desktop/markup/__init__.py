"""Markdown as a list of blocks, grown in place; no Qt."""
