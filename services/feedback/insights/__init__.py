"""`python -m services.feedback.insights`: what the messages of some weeks tell, as a page."""
