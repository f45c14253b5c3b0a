"""Local twins of Telegram and of Foundation Models, an own Redis, and the page for `play`: no account, no network."""
