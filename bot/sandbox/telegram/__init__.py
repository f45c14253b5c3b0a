"""A Bot API server for one bot, in memory, on the loopback: strict, so that what works here works in Telegram.

`TelegramWorld` holds the state and the rules, `TelegramServer` speaks HTTP for it.
Source: the open server tdlib/telegram-bot-api and TDLib for checks and error texts; where Telegram's own
servers decide, what their users report.
"""
