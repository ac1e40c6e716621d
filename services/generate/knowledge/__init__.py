"""`python -m services.generate.knowledge`: documents into the artifact that answers come from.

Needs scikit-learn and tqdm (extra `train`); the worker needs neither.
"""
