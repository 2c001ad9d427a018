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

import data.lakewarden.lib.declared
import data.lakewarden.lib.documentation
import data.lakewarden.lib.names
import data.lakewarden.lib.table_name
import data.lakewarden_run.settings.documentation as settings

needs contains "owner" if not _known

pass contains sprintf("Its owner %s counts as a group.", [documentation.owner]) if _group

deny contains {"message": message, "expected": _expected, "actual": "nobody", "key": "no owner", "fixes": [_fix]} if {
	documentation.owner_kind == "none"
	message := sprintf("%s has no owner, but it needs %s as its owner, so that someone is responsible for it.", [
		input.full_name,
		_expected,
	])
}

deny contains {"message": message, "expected": _expected, "actual": owner, "fixes": [_fix]} if {
	owner := documentation.owner
	owner != ""
	not _group
	message := sprintf("%s is owned by %s%s, but its owner must be %s, so that someone is responsible for it when a person is away or leaves.", [
		input.full_name,
		owner,
		_what,
		_expected,
	])
}

_fix := {"title": sprintf("Name the responsible group %s", [_places[declared.how]]), "note": declared.note} if {
	declared.how in {"terraform", "dbt"}
} else := {
	"title": "Change its owner to the responsible group in Catalog Explorer, or that of the pipeline that makes it",
	"note": _lost,
} if {
	input.table_type in {"MATERIALIZED_VIEW", "STREAMING_TABLE"}
} else := {
	"title": "Make the responsible team's group the owner",
	"sql": [_set_owner("<`group`>")],
	"requires": ["Ownership of the table, or MANAGE on it"],
	"note": concat(" ", [text | some text in ["It changes metadata only.", _lost, _in_files]; text != ""]),
	"undo": [_set_owner(names.in_sql([input.owner])) | documentation.owner != ""],
}

_places := {
	"terraform": sprintf("in the attribute owner of its %s", [declared.place]),
	"dbt": sprintf("in meta.owner or the group of its %s", [declared.place]),
}

_set_owner(principal) := sprintf("ALTER %s %s SET OWNER TO %s", [_kind, table_name.in_sql, principal])

_kind := "VIEW" if input.table_type in {"METRIC_VIEW", "VIEW"}

else := "TABLE"

_lost := "It can't be undone: no statement takes the owner away again." if documentation.owner == ""

else := "The former owner loses the rights that come with ownership, unless it's a member of the group."

_in_files := declared.note if declared.how == "files"

else := ""

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
