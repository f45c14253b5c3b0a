"""The local chat page: a small Telegram without accounts, and beside it what the model was sent."""
