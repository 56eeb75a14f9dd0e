"""What is peculiar to each API; one package each, and none imports another."""
