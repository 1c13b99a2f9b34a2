"""What the contracts offer, written down: a snapshot that tells changes apart, and a page for people."""
