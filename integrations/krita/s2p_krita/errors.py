"""What goes wrong, as a sentence for the artist."""


class PluginError(Exception):
    """What cannot be used or done: the rule, what there is instead, what to do next."""


class Cancelled(Exception):
    """The artist has pressed Cancel."""
