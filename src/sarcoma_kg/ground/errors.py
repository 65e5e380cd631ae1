"""The one error that reaches people: what is wrong, where, and the way out."""

__all__ = ["UserError"]


class UserError(Exception):
    """Bad input or a missing prerequisite; the command line prints it and exits with 2.

    Args:
        message: What is wrong and where (file, line or term).
        hint: What to do about it; printed on a line of its own.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message
