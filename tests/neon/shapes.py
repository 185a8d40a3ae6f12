"""The state as the API writes it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.neon.clock import stamp
from tests.neon.state import (
    Branch,
    Database,
    Endpoint,
    Operation,
    Project,
    Role,
    Snapshot,
)

# The front speaks no TLS; Neon itself writes `require` in both places.
QUERY = "sslmode=prefer&channel_binding=prefer"
RECOVERY = timedelta(days=7)


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def branch(one: Branch) -> dict[str, Any]:
    """A branch."""
    return _without_none(
        {
            "id": one.id,
            "project_id": one.project_id,
            "parent_id": one.parent_id,
            "parent_lsn": one.parent_lsn,
            "parent_timestamp": _at(one.parent_timestamp),
            "name": one.name,
            "current_state": one.current_state,
            "pending_state": None if one.current_state == "ready" else "ready",
            "state_changed_at": stamp(one.updated_at),
            "logical_size": 30_785_536,
            "creation_source": one.creation_source,
            "init_source": one.init_source,
            "default": one.default,
            "primary": one.default,
            "protected": one.protected,
            "created_at": stamp(one.created_at),
            "updated_at": stamp(one.updated_at),
            "expires_at": _at(one.expires_at),
            "ttl_interval_seconds": _ttl(one),
            "last_reset_at": _at(one.last_reset_at),
            "restored_from": one.restored_from,
            "restored_as": one.restored_as,
            "recovery": _recovery(one),
            "cpu_used_sec": 0,
            "active_time_seconds": 0,
            "compute_time_seconds": 0,
            "written_data_bytes": 0,
            "data_transfer_bytes": 0,
        }
    )


def _ttl(one: Branch) -> int | None:
    if one.expires_at is None:
        return None
    return round((one.expires_at - one.updated_at).total_seconds())


def _recovery(one: Branch) -> dict[str, Any] | None:
    if one.deleted_at is None:
        return None
    return {
        "deleted_at": stamp(one.deleted_at),
        "recoverable_until": stamp(one.deleted_at + RECOVERY),
        "deletion_method": one.deleted_by,
    }


def annotation(one: Branch) -> dict[str, Any]:
    """What was noted on a branch."""
    body: dict[str, Any] = {"object": {"type": "console/branch", "id": one.id}}
    if one.annotation:
        body |= {"created_at": stamp(one.created_at), "updated_at": stamp(one.updated_at)}
    return body | {"value": one.annotation}


def endpoint(one: Endpoint) -> dict[str, Any]:
    """A compute."""
    return _without_none(
        {
            "host": one.host,
            "id": one.id,
            "name": one.name,
            "project_id": one.project_id,
            "branch_id": one.branch_id,
            "region_id": "aws-us-east-2",
            "autoscaling_limit_min_cu": one.min_cu,
            "autoscaling_limit_max_cu": one.max_cu,
            "type": one.type,
            "current_state": one.current_state,
            "pending_state": one.pending_state,
            "settings": {},
            "pooler_enabled": False,
            "pooler_mode": "transaction",
            "disabled": one.disabled,
            "passwordless_access": True,
            "creation_source": "console",
            "created_at": stamp(one.created_at),
            "updated_at": stamp(one.updated_at),
            "proxy_host": "localhost",
            "suspend_timeout_seconds": one.suspend_timeout,
            "provisioner": "k8s-neonvm",
        }
    )


def operation(one: Operation) -> dict[str, Any]:
    """An operation."""
    duration = one.updated_at - one.created_at
    return _without_none(
        {
            "id": one.id,
            "project_id": one.project_id,
            "branch_id": one.branch_id,
            "endpoint_id": one.endpoint_id,
            "action": one.action,
            "status": one.status,
            "error": one.error,
            "failures_count": one.failures,
            "retry_at": _at(one.retry_at),
            "created_at": stamp(one.created_at),
            "updated_at": stamp(one.updated_at),
            "total_duration_ms": max(0, int(duration.total_seconds() * 1000)),
        }
    )


def database(one: Database, branch_id: str) -> dict[str, Any]:
    """A database of a branch."""
    return {
        "id": one.id,
        "branch_id": branch_id,
        "name": one.name,
        "owner_name": one.owner,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
    }


def role(one: Role, branch_id: str, *, password: bool = False) -> dict[str, Any]:
    """A role of a branch; its password only right after it was made or reset."""
    body = {
        "branch_id": branch_id,
        "name": one.name,
        "protected": False,
        "authentication_method": "no_login" if one.no_login else "password",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
    }
    return body | ({"password": one.password} if password else {})


def uri(one: Endpoint, role: Role, database: str, *, pooled: bool = False) -> str:
    """The URI with which a client really connects."""
    host = one.pooler_host if pooled else one.host
    login = f"{quote(role.name, safe='')}:{quote(role.password, safe='')}"
    return f"postgresql://{login}@{host}/{quote(database, safe='')}?{QUERY}"


def connection(one: Endpoint, role: Role, database: str) -> dict[str, Any]:
    """The URI and its parts."""
    return {
        "connection_uri": uri(one, role, database),
        "connection_parameters": {
            "database": database,
            "password": role.password,
            "role": role.name,
            "host": one.host,
            "pooler_host": one.pooler_host,
        },
    }


def snapshot(one: Snapshot) -> dict[str, Any]:
    """A snapshot."""
    return _without_none(
        {
            "id": one.id,
            "name": one.name,
            "lsn": one.lsn,
            "timestamp": stamp(one.timestamp),
            "source_branch_id": one.source_branch_id,
            "created_at": stamp(one.created_at),
            "expires_at": _at(one.expires_at),
            "manual": True,
        }
    )


def listed_project(one: Project) -> dict[str, Any]:
    """A project as a list has it."""
    return {
        "id": one.id,
        "platform_id": "aws",
        "region_id": one.region_id,
        "name": one.name,
        "provisioner": "k8s-neonvm",
        "pg_version": one.pg_version,
        "proxy_host": "localhost",
        "branch_logical_size_limit": 0,
        "branch_logical_size_limit_bytes": 0,
        "store_passwords": True,
        "active_time": 0,
        "cpu_used_sec": 0,
        "creation_source": "console",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "synthetic_storage_size": 0,
        "owner_id": one.org_id,
        "org_id": one.org_id,
    }


def project(one: Project) -> dict[str, Any]:
    """A project with everything that is counted for it."""
    body = listed_project(one)
    del body["active_time"]
    return body | {
        "data_storage_bytes_hour": 0,
        "data_transfer_bytes": 0,
        "written_data_bytes": 0,
        "compute_time_seconds": 0,
        "active_time_seconds": 0,
        "history_retention_seconds": one.history_seconds,
        "consumption_period_start": stamp(one.created_at),
        "consumption_period_end": stamp(one.created_at + timedelta(days=30)),
    }
