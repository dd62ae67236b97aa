"""Verbs about this place: services, snippet, env, ui, and bare ``%conn``."""
