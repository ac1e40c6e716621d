"""A demo back office: a small HTTP service that stands in for the company's own systems."""
