"""People, their roles, and the organisations they act for."""
