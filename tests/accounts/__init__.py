"""Sign-in, people, roles, organisations."""
