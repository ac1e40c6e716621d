"""Train the classifier again on what people said of its work, and promote it if it is better.

Reads what the feedback worker keeps, trains and judges in a process of its own, and says
`model.promoted` on the feedback topic if every check was passed: classify swaps while traffic runs.
"""
