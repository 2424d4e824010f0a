from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import User


class EmailTaken(Exception):
    pass


class UserRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, email: str, name: str) -> User:
        user = User(email=email, name=name)
        self.session.add(user)
        try:
            self.session.commit()
        except IntegrityError as error:
            self.session.rollback()
            raise EmailTaken from error
        return user

    def get(self, user_id: int) -> User | None:
        return self.session.get(User, user_id)

    def search(self, text: str) -> list[User]:
        return list(self.session.scalars(select(User).where(User.name.contains(text)).order_by(User.id)))

    def count(self) -> int:
        return self.session.scalar(select(func.count()).select_from(User)) or 0
