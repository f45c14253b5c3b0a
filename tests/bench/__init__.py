"""What things cost: `make bench` prints figures beside their ideal, in one run; it asserts nothing."""
