"""Steps of the voucher stage, by noun: programme, request, delivery, claim."""
