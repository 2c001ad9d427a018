# METADATA
# title: Tables are owned by groups
# description: >-
#   The table's owner matches one of group_owner_patterns. If there are none, any owner counts as a
#   group unless it is an email address, the application id of a service principal (a UUID),
#   "System user" or a number. The policy applies to every type of table.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# related_resources:
#   - ref: https://docs.databricks.com/data-governance/unity-catalog/manage-privileges/ownership
# custom:
#   severity: medium
#   enforcement: advisory
#   why: >-
#     When a person is away, changes teams or leaves, nobody can grant access to the table, alter it
#     or answer questions about it until an administrator steps in. And a service principal can't
#     answer questions at all.
#   remediation: >-
#     Make the responsible team's group the owner: ALTER TABLE … SET OWNER TO `group`, or ALTER VIEW
#     for a view, or the definition of a planned table.
#   examples:
#     before:
#       owner: jo@acme.example
#     after:
#       owner: sales-analytics
package lakewarden.tables.documentation.owner_is_group

import data.lakewarden.lib.documentation
import data.lakewarden_run.settings.documentation as settings

needs contains "owner" if not _known

pass contains sprintf("Its owner %s counts as a group.", [documentation.owner]) if _group

deny contains {"message": message, "expected": _expected, "actual": "nobody"} if {
	documentation.owner_kind == "none"
	message := sprintf("%s has no owner, but it needs %s as its owner, so that someone is responsible for it. Set one %s.", [
		input.full_name,
		_expected,
		_way,
	])
}

deny contains {"message": message, "expected": _expected, "actual": owner} if {
	owner := documentation.owner
	owner != ""
	not _group
	message := sprintf("%s is owned by %s%s, but its owner must be %s, so that someone is responsible for it when a person is away or leaves. Change the owner %s.", [
		input.full_name,
		owner,
		_what,
		_expected,
		_way,
	])
}

_way := "in the attribute owner of its resource" if {
	input.definition.tool == "terraform"
} else := "in meta.owner or the group of its dbt configuration" if {
	input.definition.tool == "dbt"
} else := "with SET OWNER TO in the files" if {
	input.definition.tool == "sql"
} else := "with SET OWNER TO"

_known if is_string(documentation.owner)

_group if documentation.owner_kind == "group"

_what := called if {
	called := _called[documentation.owner_kind]
} else := ""

_called := {
	"person": ", an email address",
	"service_principal": ", the application id of a service principal",
	"system": ", Databricks' own user",
	"id": ", a number",
}

_expected := "a group" if count(settings.group_owner_patterns) == 0

else := sprintf("like %s", [concat(" or ", settings.group_owner_patterns)])
