"""Models of other shapes than the sample's: what a project may have, and generated rows keep to."""

import enum

import sqlalchemy as sa


class Size(enum.Enum):
    """An enum whose values are not its names."""

    small = "S"
    large = "L"


SHOP = sa.MetaData()
sa.Table(
    "products",
    SHOP,
    sa.Column("sku", sa.String(12), primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("ean", sa.String(13), unique=True),
    sa.Column("size", sa.Enum(Size, name="product_size"), nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("price", sa.Numeric(6, 2), sa.CheckConstraint("price > 0.5"), nullable=False),
    sa.Column("old_price", sa.Numeric(6, 2), nullable=False),
    sa.Column("stock", sa.SmallInteger, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.CheckConstraint("stock BETWEEN 3 AND 30 AND stock <> 7", name="ck_stock"),
)
sa.Table(
    "orders",
    SHOP,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("contactEmail", sa.String(30), nullable=False),
    sa.Column("opened", sa.DateTime, nullable=False),
    sa.Column("closed", sa.DateTime, nullable=False),
    sa.CheckConstraint("state IN ('open', 'paid', 'sent')"),
    sa.CheckConstraint("closed > opened"),
    sa.CheckConstraint("length(state) <= 10"),
)
sa.Table(
    "order_lines",
    SHOP,
    sa.Column("order_id", sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("product_sku", sa.ForeignKey("products.sku"), nullable=False),
    sa.Column("quantity", sa.Integer, sa.CheckConstraint("quantity >= 1"), nullable=False),
)

TREE = sa.MetaData()
sa.Table(
    "folders",
    TREE,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("parent_id", sa.ForeignKey("folders.id")),
    sa.Column("name", sa.String(8), nullable=False),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("is_deleted", sa.Boolean, nullable=False, server_default=sa.false()),
)
sa.Table(
    "staff",
    TREE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("boss_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("badge", sa.String(4), nullable=False, unique=True),
    sa.Column("passwordHash", sa.String(60), nullable=False),
    sa.Column("salary", sa.Numeric(8, 2), nullable=False),
    sa.Column("born", sa.Date, nullable=False),
    sa.Column("shift", sa.Time, nullable=False),
    sa.Column("photo", sa.LargeBinary(20), nullable=False),
    sa.Column("leave", sa.Interval, nullable=False),
    sa.Column("lastIp", sa.String(40), nullable=False),
)

SCHOOL = sa.MetaData()
sa.Table(
    "students",
    SCHOOL,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(24), nullable=False),
    sa.Column("phone", sa.String(20), nullable=False),
    sa.Column("country_code", sa.String(2), nullable=False),
    sa.Column("bio", sa.String(30), nullable=False),
    sa.Index("uq_students_email", sa.text("lower(email)"), unique=True),
)
sa.Table(
    "courses",
    SCHOOL,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("title", sa.String(60), nullable=False, unique=True),
    sa.Column("starts", sa.Date, nullable=False),
    sa.Column("ends", sa.Date, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("double_seats", sa.Integer, sa.Computed("seats * 2")),
    sa.CheckConstraint("starts <= ends"),
)
sa.Table(
    "enrolments",
    SCHOOL,
    sa.Column("student_id", sa.ForeignKey("students.id"), primary_key=True),
    sa.Column("course_id", sa.ForeignKey("courses.id"), primary_key=True),
    sa.Column("grade", sa.Integer),
    sa.CheckConstraint("grade IS NULL OR (grade >= 1 AND grade <= 6)"),
)
sa.Table(
    "rooms",
    SCHOOL,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("course_id", sa.ForeignKey("courses.id"), nullable=False),
    sa.Column("size", sa.Enum(Size, name="room_size"), nullable=False),
    sa.Column("is_main", sa.Boolean, nullable=False),
    sa.UniqueConstraint("course_id", "size"),
    sa.Index(
        "uq_rooms_main",
        "course_id",
        unique=True,
        postgresql_where=sa.text("is_main"),
        sqlite_where=sa.text("is_main"),
    ),
)
