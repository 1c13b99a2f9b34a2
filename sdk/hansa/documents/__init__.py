"""Documents that companies send each other as XML: read within bounds, refused by field, written alike."""
