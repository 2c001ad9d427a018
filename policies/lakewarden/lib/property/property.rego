# METADATA
# title: Table properties
# description: Table properties are text; this says what their text means.
# schemas:
#   - input: schema.table
package lakewarden.lib.property

# METADATA
# description: Holds if the property is `true`, whatever its case. `1`, `yes` and nothing are off.
on(name) if lower(input.properties[name]) == "true"

# METADATA
# description: >-
#   Holds if the properties could not be read, so that nobody knows which are set. Without a word
#   about it a table without properties has none.
unread if {
	input.evidence.properties
	not _read
}

_read if is_object(input.properties)
