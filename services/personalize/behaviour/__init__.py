"""Predicts what a customer will do from any table of what customers did before."""
