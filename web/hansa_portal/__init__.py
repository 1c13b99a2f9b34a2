"""The portal: one member's pages. It holds no truth of its own: it shows a read model, it sends commands."""
