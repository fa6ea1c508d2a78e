"""The ways in which an endpoint can be told."""
