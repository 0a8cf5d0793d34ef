"""What fastspec stands on here, and whether it works."""
