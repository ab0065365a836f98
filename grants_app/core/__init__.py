"""What the whole product shares and what knows neither HTTP nor a stage."""
