class Failure(Exception):
    """What is answered as {"failure": code} with a status."""

    def __init__(self, code: str, status: int) -> None:
        self.code = code
        self.status = status
