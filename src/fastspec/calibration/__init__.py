"""What must be known of a picture, each fact with its source."""
