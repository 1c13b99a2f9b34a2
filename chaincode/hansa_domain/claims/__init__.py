"""Claims within the warranty, after an order was settled: met, refused, or judged by its arbitrator."""
