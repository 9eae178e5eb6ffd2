"""Says what a sentence is about."""
