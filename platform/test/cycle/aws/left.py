"""Names of everything that an account holds, so that two moments can be compared."""

from additions import account, stored
from moto.core.base_backend import BackendDict
from moto.kms.models import Key
from moto.secretsmanager.models import FakeSecret

# Fields that hold what belongs to AWS, or notes of moto about what is gone.
PASSED_OVER = {
    "amis", "snapshots", "managed_prefix_lists", "instance_types", "instance_offerings", "managed_policies",
    "tags", "tagger", "tagging_service", "idempotency_tokens",
    # Go with their VPC and their gateway at AWS, and stay in moto.
    "network_acls", "enis",
}  # fmt: skip


def held():
    """A line for each thing: service, region, kind, name."""
    lines = {f"addition {one}" for one in stored()}
    for backends in BackendDict._instances:
        for region, backend in backends.get(account, {}).items():
            for field, value in vars(backend).items():
                if field.strip("_") not in PASSED_OVER and isinstance(value, dict):
                    kind = f"{backends.service_name} {region} {field}"
                    lines |= {f"{kind} {name}{state(one)}" for name, one in flat(value) if not is_gone(one)}
    return sorted(lines)


def flat(value):
    """Some kinds are kept by zone or by VPC."""
    for name, one in value.items():
        if isinstance(one, dict):
            yield from flat(one)
        elif one:
            yield name, one


def is_gone(one):
    """AWS shows these for an hour too."""
    return getattr(one, "state", None) == "deleted"


def state(one):
    """What AWS keeps for some days after its deletion is marked."""
    if isinstance(one, Key) and one.key_state == "PendingDeletion":
        return " (waits for its deletion)"
    if isinstance(one, FakeSecret) and one.is_deleted():
        return " (waits for its deletion)"
    return ""
