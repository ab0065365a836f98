"""The demo year: a fictional city's competitions and vouchers, built through the real services step by step.

Nothing is inserted past the services: the clock is held at each moment of the story, and every step is taken by the
person whose step it is. People, organisations and the city are invented; ЄДРПОУ codes begin with 99, which no register
gives out.
"""
