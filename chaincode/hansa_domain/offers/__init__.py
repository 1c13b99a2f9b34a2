"""Offers: negotiated version by version between a buyer and a seller, alone or for a tender, until taken."""
