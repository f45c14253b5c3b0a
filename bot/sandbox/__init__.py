"""Stand-ins on this machine for Telegram and for the models, and the page of `play`; tests use them too."""
