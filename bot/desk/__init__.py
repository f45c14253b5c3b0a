"""The operator's desk: what waits in the inbox and what died there, to look at, to try again and to drop."""
