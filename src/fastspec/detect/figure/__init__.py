"""Whole figures: where the plot lies in them, and what their axes say."""
