"""The wiring: settings in, running bot out."""

from bot.app.serve import Features, serve

__all__ = ["Features", "serve"]
