"""What the consortium's services cost: a published schedule that a majority agreed to."""
