"""The wiring: settings in, running bot out. With `bot.__main__` the only place that reads settings."""

from bot.app.serve import Features, serve

__all__ = ["Features", "serve"]
