from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


class EmailTaken(Exception):
    pass


class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, email: str, name: str) -> User:
        user = User(email=email, name=name)
        self.session.add(user)
        try:
            await self.session.commit()
        except IntegrityError as error:
            await self.session.rollback()
            raise EmailTaken from error
        return user

    async def get(self, user_id: int) -> User | None:
        return await self.session.get(User, user_id)

    async def search(self, text: str) -> list[User]:
        return list(await self.session.scalars(select(User).where(User.name.contains(text)).order_by(User.id)))

    async def count(self) -> int:
        return await self.session.scalar(select(func.count()).select_from(User)) or 0
