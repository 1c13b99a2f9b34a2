"""Listings: goods on offer, with a stock split into buckets so that buyers do not conflict."""
