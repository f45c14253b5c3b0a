"""Kills real processes and counts what is lost: see `python -m tests.chaos`."""
