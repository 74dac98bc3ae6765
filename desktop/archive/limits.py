"""How much of a file is believed. Larger things are refused with a sentence, never tried."""

MIB = 1024 * 1024

MOST_ENTRIES = 200_000
"""Files in one archive; the largest exports known have some ten thousand."""

MOST_JSON_BYTES = 64 * 1024 * MIB
"""All the JSON of one archive together, unpacked."""

MOST_RATIO = 300
"""Unpacked to packed size of one file. JSON reaches 30; what is made to burst reaches 1,000."""

RATIO_FROM_BYTES = 16 * MIB
"""Below this size no ratio hurts."""

MOST_CONVERSATION_BYTES = 192 * MIB
"""Text of one conversation as it is built in memory, images in it included."""

MOST_VALUES = 4_000_000
"""Values of one conversation as it is built in memory."""

MOST_DEPTH = 20_000
"""Nesting. A recursive export nests two levels for each message."""

MOST_ATTACHMENT_BYTES = 32 * MIB
"""One image or file."""

MOST_ATTACHMENTS_BYTES = 96 * MIB
"""All images and files of one conversation."""

MOST_MESSAGES = 100_000
"""Messages of one conversation."""

LONGEST_TITLE = 300
LONGEST_NAME = 200
"""Names of models, endpoints and files."""

LONGEST_TAG = 60
MOST_TAGS = 50
MOST_FOLDERS = 2_000

LATEST_MS = 4_102_444_800_000
"""The year 2100. A time beyond it is none."""
