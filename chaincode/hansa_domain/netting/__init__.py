"""What members owe each other, and paying only what is left when it is set off."""
