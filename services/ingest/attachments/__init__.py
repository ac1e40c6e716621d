"""Reads the files that come with messages: text, HTML and PDF, from allowed hosts only."""
