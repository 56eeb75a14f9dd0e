"""The lamps of a house: an API of two operations that has nothing in common with ours but the grammar."""
