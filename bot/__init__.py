"""Govorun: chat-bots for Telegram on Yandex Foundation Models."""
