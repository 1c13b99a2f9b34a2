"""Orders that are shipped, received, invoiced and paid part by part."""
