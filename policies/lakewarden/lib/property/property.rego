# METADATA
# title: Table properties
# description: Table properties are text; this says what their text means.
# schemas:
#   - input: schema.table
package lakewarden.lib.property

# METADATA
# description: Holds if the property is `true`, whatever its case. `1`, `yes` and nothing are off.
on(name) if lower(input.properties[name]) == "true"
