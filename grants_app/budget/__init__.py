"""Municipal money and grant money, with one chokepoint for every kopiyka that is promised."""
