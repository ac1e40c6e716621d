"""What to offer a customer next: fitting and judging it, and what is served of it.

Served are `signals`, `scorers` and `artifact`, which need numpy alone; fitting needs the extra
`train`, and the worker imports nothing of it.
"""
