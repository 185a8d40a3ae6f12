import sqlalchemy as sa
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = orm.mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    email = orm.mapped_column(sa.String(120), nullable=False)
    name = orm.mapped_column(sa.String(80), nullable=False)
    nickname = orm.mapped_column(sa.String(40))
