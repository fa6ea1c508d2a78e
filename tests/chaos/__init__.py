"""Everything goes wrong at once, again and again, by a seed."""
