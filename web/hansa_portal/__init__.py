"""The member portal: pages and REST API, holding no truth of its own."""
