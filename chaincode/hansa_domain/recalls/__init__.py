"""Recalls: goods that must not be sold or shipped any more, found through what was made of them."""
