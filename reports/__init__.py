"""Figures, the report notebook, and the page that is made of it."""
