"""The read model: block events folded into SQL."""
