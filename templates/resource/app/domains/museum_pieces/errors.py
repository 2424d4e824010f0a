"""What can go wrong with museum pieces."""

from app.core.errors import ConflictError, NotFoundError

# % for field in fields if field.ref
# + from app.core.errors import InvalidRequestError
# % endfor


class MuseumPieceNotFoundError(NotFoundError):
    # = """There is no such museum piece{{ whose }}."""
    """There is no such museum piece, or it is somebody else's; which of the two is not told."""

    code = "museum-piece-not-found"
    detail = "You have no museum piece with this id."


# % for field in fields if field.unique
# = class MuseumPiece{{ field.pascal }}TakenError(ConflictError):
class MuseumPieceNameTakenError(ConflictError):
    # = """Another museum piece has this {{ field.words }}."""
    """Another museum piece has this name."""

    # = code = "museum-piece-{{ field.code }}-taken"
    code = "museum-piece-name-taken"
    # = detail = "A museum piece with this {{ field.words }} exists."
    detail = "A museum piece with this name exists."


# % endfor
# % for field in fields if field.ref
# + class MuseumPiece{{ field.pascal }}UnknownError(InvalidRequestError):
# +     """It refers to what doesn't exist, or is somebody else's."""
# +
# +     code = "museum-piece-{{ field.code }}-unknown"
# +     detail = "There is nothing with this {{ field.name }}."
# +
# +
# % endfor
# % if referenced and delete and not soft_delete
# + class MuseumPieceInUseError(ConflictError):
# +     """Something refers to it."""
# +
# +     code = "museum-piece-in-use"
# +     detail = "Something refers to this museum piece. Delete that first."
# % endif
