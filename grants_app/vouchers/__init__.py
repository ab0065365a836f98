"""Stage 6, compensate: voucher programmes, consultants, vouchers, acts of services, claims and payment."""
