"""The Hansa SDK: place an order in one line."""
