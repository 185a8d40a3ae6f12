"""Which text a column holds, by its name."""

from dbctl.seed.generated import codes, texts, words
from dbctl.seed.generated.field import Field, Make, words_of
from dbctl.seed.generated.makers import Maker
from dbctl.seed.generated.words import listed

PEOPLE = frozenset(
    listed(
        "user person people customer author employee member contact student teacher patient account"
        " profile client owner staff player passenger guest driver doctor"
    )
)


COMPANIES = frozenset(
    listed("company companies organisation organization vendor supplier employer")
)


# The first line that fits decides; a name fits when it has all words of one of the groups.
ROLES: tuple[tuple[str, Make], ...] = (
    ("email|mail|e+mail", texts.email),
    ("user+agent", texts.one_of(words.AGENTS)),
    ("country+code|nationality|country", texts.country(0, short=True)),
    ("currency", texts.country(5)),
    ("time+zone|timezone|tz", texts.country(4)),
    ("locale", texts.locale),
    ("language|lang", texts.country(3)),
    ("job|occupation|profession", texts.one_of(words.JOBS)),
    ("mime|content+type|media+type", texts.one_of(words.MEDIA_TYPES)),
    ("file+name|filename|file|path", codes.file),
    ("uuid|guid", codes.uuid),
    ("url|uri|link|website|homepage|href|avatar|image|photo|picture|thumbnail|logo", texts.url),
    ("ip|ipaddress", codes.ip),
    ("host|hostname|domain", codes.host),
    ("phone|mobile|tel|telephone|fax|cell", codes.phone),
    (
        "token|hash|digest|checksum|sha256|sha1|md5|secret|api+key|signature|fingerprint",
        codes.digest,
    ),
    ("user+name|username|login|nickname|nick|handle|screen+name", texts.username),
    ("first+name|firstname|given+name|forename", texts.first_name),
    ("last+name|lastname|surname|family+name", texts.family_name),
    ("full+name|fullname|display+name|real+name", texts.full_name),
    ("slug|permalink", texts.slug),
    ("zip|postal|postcode|zipcode", codes.digits),
    ("city|town|region|province", texts.city),
    ("street|address", texts.address),
    ("company|organisation|organization|employer|vendor|supplier|brand", texts.company),
    ("color|colour", texts.one_of(words.COLOURS)),
    ("status|state|stage|phase", texts.one_of(words.STATES)),
    ("version", codes.version),
    ("code|sku|reference|ref|serial|number|isbn|ean|barcode|key|identifier|id", codes.code),
    ("content|body|text|article|markdown|html", lambda field: texts.sentences(field, 5)),
    (
        "description|summary|bio|about|abstract|note|notes|comment|remark|message|excerpt|reason"
        "|details|review|feedback",
        lambda field: texts.sentences(field, 2),
    ),
    ("title|subject|headline|label|caption|topic", texts.title),
    ("category|tag|genre|type|kind|group|role|family|word", texts.word),
)


_GROUPS = tuple(
    (tuple(frozenset(group.split("+")) for group in names.split("|")), make)
    for names, make in ROLES
)


def by_name(field: Field) -> Maker:
    """A maker of text for a column of this name."""
    names = frozenset(field.words)
    for groups, make in _GROUPS:
        if any(group <= names for group in groups):
            return make(field)
    return _named(field)


def _named(field: Field) -> Maker:
    """What is only called `name` is named after its table."""
    about = {word.removesuffix("s") for word in words_of(field.table)} | set(words_of(field.table))
    if about & COMPANIES and "name" in field.words:
        return texts.company(field)
    if (about & PEOPLE and "name" in field.words) or PEOPLE.intersection(field.words):
        return texts.full_name(field)
    return texts.title(field)
