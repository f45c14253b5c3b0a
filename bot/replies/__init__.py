"""Answers in a chat: Markdown made visible, cut to size, paced, and delivered whole, in order and once."""
