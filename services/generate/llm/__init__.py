"""Language models that write the body of a reply from given facts; the composer stands behind them.

`brief` says what is to be written, `prompt` how a model is asked, `answer` and `grounding` what of
its words is let through. `openai` and `local` are the two backends behind the one port `Writer`,
`limits` guards either. Whatever fails is a `WriterFailed` with a typed reason: the composer's own
text goes out instead.
"""
