"""Turns consortium.yaml into a running network."""
