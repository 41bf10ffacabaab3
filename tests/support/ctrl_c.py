"""Ctrl-C for a child process, whatever the tests were started from: a shell lets its background jobs ignore SIGINT, and children inherit that."""

import signal


def heed() -> None:
    """As `preexec_fn`: the child heeds SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def disregard() -> None:
    """As `preexec_fn`: the child begins with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
