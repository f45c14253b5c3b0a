"""The OpenAI-compatible dialect: of Yandex, and of a server of the operator's own."""
