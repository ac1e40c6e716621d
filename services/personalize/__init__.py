"""Knows the customer: joins each understood message with the profile of who wrote it."""
