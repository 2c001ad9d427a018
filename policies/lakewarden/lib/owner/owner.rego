# METADATA
# title: Owners
# description: >-
#   Who owns a table, without blanks around the name. An empty owner means that nobody owns it; an
#   absent one is not known.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/data-governance/unity-catalog/manage-privileges/ownership
# custom:
#   public: true
package lakewarden.lib.owner

import data.lakewarden.lib.pattern as patterns
import data.lakewarden.lib.texts

# METADATA
# description: The owner's name, empty where nobody owns the table; undefined where it is not known.
name := texts.plain(input.owner)

# METADATA
# description: >-
#   `none` where nobody owns the table, `person` for an email address, `service_principal` for an
#   application id, `system` for Databricks' own user, `id` for a number, `other` for any other name,
#   such as a group's; undefined where the owner is not known.
type := "none" if name == ""

else := "person" if regex.match(_mail_address, name)

else := "service_principal" if regex.match(_application_id, name)

else := "system" if regex.match(_system_user, name)

else := "id" if regex.match("^[0-9]+$", name)

else := "other" if name

# METADATA
# description: Holds if the owner matches one of the patterns, whatever the case.
matches(any_of) if {
	name != ""
	some pattern in any_of
	patterns.matches(pattern, name)
}

# METADATA
# description: The evidence that is lacking to tell who owns the table.
lacking contains "owner" if not _known

_known if is_string(name)

# Something, one @, and something with a dot in it.
_mail_address := `^[^@]+@[^@]+[.][^@]+$`

# A UUID, by which Unity Catalog names a service principal.
_application_id := `(?i)^[{]?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}[}]?$`

# Who owns what Databricks itself made: `System user`.
_system_user := `(?i)^system[\s_-]*user$`
