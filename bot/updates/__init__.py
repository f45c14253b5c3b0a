"""The way of an update: ingress, inbox, worker, and what stands before a handler."""
