"""How full the model's context window is, and what happens when it overflows."""
