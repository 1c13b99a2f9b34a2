"""What an order costs: tiers, discounts, coupons, taxes and duties, in whole minor units."""
