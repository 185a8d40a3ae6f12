"""Who asks, and where there are servers."""

from tests.neon.answer import Answer, Call, Routes

MOMENT = "2024-01-01T00:00:00Z"
ORGANIZATION = {
    "id": "org-quiet-river-12345678",
    "name": "Stand-in",
    "handle": "stand-in",
    "plan": "launch",
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "managed_by": "console",
}
USER = {
    "id": "00000000-0000-4000-8000-000000000001",
    "email": "somebody@example.com",
    "login": "somebody",
    "name": "Some",
    "last_name": "Body",
    "image": "",
    "active_seconds_limit": 0,
    "projects_limit": 100,
    "branches_limit": 500,
    "max_autoscaling_limit": 8.0,
    "auth_accounts": [],
    "plan": "launch",
}
REGION = {
    "region_id": "aws-us-east-2",
    "name": "AWS US East 2 (Ohio)",
    "default": True,
    "geo_lat": "39.96",
    "geo_long": "-83.00",
}


def auth(call: Call) -> Answer:
    """Whose key it is."""
    return Answer({"account_id": USER["id"], "auth_method": "api_key_user"})


def user(call: Call) -> Answer:
    """The user."""
    return Answer(USER)


def organizations(call: Call) -> Answer:
    """The organizations of the user."""
    return Answer({"organizations": [ORGANIZATION]})


def regions(call: Call) -> Answer:
    """Where projects can be."""
    return Answer({"regions": [REGION]})


ROUTES: Routes = {
    ("GET", "/auth"): auth,
    ("GET", "/users/me"): user,
    ("GET", "/users/me/organizations"): organizations,
    ("GET", "/regions"): regions,
}
