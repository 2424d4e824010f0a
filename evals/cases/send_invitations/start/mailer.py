"""A client of the mail server, as a library brings it."""

import os
import time


class MailError(Exception):
    pass


def send(address: str, text: str) -> None:
    """Hand a mail over; blocks until the mail server has taken it.

    Raises:
        MailError: it was refused.
    """
    time.sleep(float(os.environ.get("MAIL_DELAY", "0")))
    print(f"mail to {address}", flush=True)
    if address.startswith("broken"):
        raise MailError(address)
