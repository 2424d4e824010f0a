"""What can go wrong with users."""

from app.core.errors import ConflictError, ForbiddenError


class LoginTakenError(ConflictError):
    # = """Somebody has registered with this {{ login_words }} already."""
    """Somebody has registered with this e-mail address already."""

    # = code = "{{ login }}-taken"
    code = "email-taken"
    # = detail = "An account with this {{ login_words }} exists."
    detail = "An account with this e-mail address exists."


# % for field in fields if field.unique
# + class {{ field.pascal }}TakenError(ConflictError):
# +     """Another user has this value already."""
# +
# +     code = "{{ field.code }}-taken"
# +     detail = "Another account has this {{ field.words }}."
# +
# +
# % endfor


# % if password_change or account_deletion
class WrongPasswordError(ForbiddenError):
    """The request is well formed and its token good: what it lacks is the proof that the owner of the account sent it.

    Not a 401, which would tell the client that its token is no good.
    """

    code = "wrong-password"
    detail = "The current password is wrong."


# % endif
