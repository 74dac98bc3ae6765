"""The options of a conversation, to be seen and changed."""
