"""The stream inspector below its window: recordings cut into records, judged, written, and played again."""
