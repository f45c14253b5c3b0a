"""Tests: units mirror the code, contracts run over adapters, flows go from an update to what a chat shows."""
