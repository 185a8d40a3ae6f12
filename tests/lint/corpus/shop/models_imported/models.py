import sqlalchemy as sa
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id = orm.mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    name = orm.mapped_column(sa.String(80), nullable=False)
