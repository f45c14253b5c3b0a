"""Yandex Foundation Models over its native REST API."""
