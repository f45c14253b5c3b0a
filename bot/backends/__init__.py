"""Adapters to the services whose models write, by vendor, and the wrappers around the port."""
