"""Fixtures of every test: a closed network and a real Redis; no example is too slow on a busy machine."""

from hypothesis import settings

pytest_plugins = ["tests.tools.network", "tests.tools.redis_server"]

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
