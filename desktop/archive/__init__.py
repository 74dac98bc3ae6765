"""Archives of conversations: those of other programs are read, Weir's own are read and written.

Nothing here knows the history, the network or a key. What is read is trusted in nothing.
"""
