"""What people set in the page: read, checked, and left out by name where it cannot be used."""
CATCH_TOLERANCE = 0.1
