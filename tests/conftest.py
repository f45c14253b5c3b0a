"""Fixtures of every test: a closed network and a real Redis."""

pytest_plugins = ["tests.tools.network", "tests.tools.redis_server"]
