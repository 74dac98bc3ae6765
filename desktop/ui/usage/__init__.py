"""The usage page: what replies cost, how many tokens they took, and how fast they came."""
