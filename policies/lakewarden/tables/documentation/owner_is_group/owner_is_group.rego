# METADATA
# title: Tables belong to groups
# description: >-
#   The table's owner matches one of group_owner_patterns. Where there are none, it is neither a mail
#   address, which is something, one @, and something with a dot in it, nor the application id of a
#   service principal (a UUID), nor "System user", nor a number. This holds for every type of table.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/data-governance/unity-catalog/manage-privileges/ownership
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     A person goes on leave, changes teams or leaves, and then nobody may grant access to the
#     table, alter it or answer for it until an administrator steps in. A service principal answers
#     to nobody who asks.
#   remediation: >-
#     Hand the table to the group of the team that answers for it: ALTER TABLE … SET OWNER TO `group`,
#     or ALTER VIEW for a view.
#   settings:
#     - group_owner_patterns
#   examples:
#     before:
#       owner: jo@acme.example
#     after:
#       owner: sales-analytics
package lakewarden.tables.documentation.owner_is_group

import data.lakewarden.lib.documentation
import data.lakewarden_run.settings.documentation as settings

needs contains "owner" if not _known

pass contains sprintf("It belongs to %s, which counts as a group.", [documentation.owner]) if _group

deny contains {"message": message, "expected": _expected, "actual": "nobody"} if {
	documentation.owner_kind == "none"
	message := sprintf("%s has no owner, but it is to belong to %s, so that somebody answers for it. Give it one with SET OWNER TO.", [
		input.full_name,
		_expected,
	])
}

deny contains {"message": message, "expected": _expected, "actual": owner} if {
	owner := documentation.owner
	owner != ""
	not _group
	message := sprintf("%s belongs to %s%s, but its owner is to be %s, so that somebody answers for it when a person is away or leaves. Hand it over with SET OWNER TO.", [
		input.full_name,
		owner,
		_what,
		_expected,
	])
}

_known if is_string(documentation.owner)

_group if documentation.owner_kind == "group"

_what := called if {
	called := _called[documentation.owner_kind]
} else := ""

_called := {
	"person": ", a mail address",
	"service_principal": ", the application id of a service principal",
	"system": ", Databricks' own user",
	"id": ", a number",
}

_expected := "a group" if count(settings.group_owner_patterns) == 0

else := sprintf("like %s", [concat(" or ", settings.group_owner_patterns)])
