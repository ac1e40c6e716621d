"""What can go wrong with the list of what careloop is made of."""


class SupplyError(Exception):
    """The question cannot be answered; the message says why and what to do."""
