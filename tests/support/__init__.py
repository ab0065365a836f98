"""What tests of every stage share: databases, browser, clock, counters of queries."""
