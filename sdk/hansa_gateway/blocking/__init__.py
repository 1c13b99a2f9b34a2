"""The blocking face: one Gateway may be used by many threads at once."""
