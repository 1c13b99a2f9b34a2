"""The hansa command."""
