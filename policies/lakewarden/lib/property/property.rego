# METADATA
# title: Table properties
# description: Table properties are text; this says what their text means.
# schemas:
#   - input: schema.table
# custom:
#   public: true
package lakewarden.lib.property

# METADATA
# description: Holds if the property is `true`, whatever its case. `1`, `yes` and nothing are off.
is_true(name) if {
	is_string(input.properties[name])
	lower(input.properties[name]) == "true"
}

# METADATA
# description: >-
#   The evidence that is lacking to tell what the property is set to, `properties` or a path such as
#   `properties.clusteringColumns`; undefined where it is known, even if it is not set. Absent
#   properties are not known; a table without any has empty ones. `properties.*` in `evidence` says
#   that any property may be set that isn't listed.
unknown(name) := "properties" if not _read

else := path if {
	not _names[name]
	path := concat(".", ["properties", name])
	input.evidence[path]
}

else := "properties.*" if {
	not _names[name]
	input.evidence["properties.*"]
}

else := "properties" if {
	_names[name]
	type_name(input.properties[name]) != "string"
}

_names := object.keys(input.properties)

_read if is_object(input.properties)
