"""A local twin of Yandex Foundation Models: real HTTP on the loopback, the rules of the service, no model."""
