# METADATA
# title: Tags
# description: >-
#   The tags of a table. Unity Catalog tells names and values apart by their case, and so does this;
#   `matching` looks for names whatever their case. A table without tags has empty ones; absent tags
#   are not known.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/database-objects/tags
# custom:
#   public: true
package lakewarden.lib.tags

import data.lakewarden.lib.pattern as patterns

# METADATA
# description: Holds if the table has the tag, with a value or without.
has(name) if is_string(input.tags[name])

# METADATA
# description: >-
#   The tag's value, empty if it has none; undefined where the table has no such tag, or nobody knows.
value(name) := input.tags[name] if has(name)

# METADATA
# description: The names of the tags that match a pattern, whatever the case of both.
matching(pattern) := {name |
	some name, _ in input.tags
	patterns.matches(pattern, name)
}

# METADATA
# scope: document
# description: The evidence that is lacking to tell what tags the table has.
lacking contains "tags" if not _known

lacking contains path if {
	some path, _ in input.evidence
	startswith(path, "tags.")
}

# METADATA
# description: >-
#   The evidence that is lacking to tell whether the table has a tag: `tags`, or a path such as
#   `tags.pii` where `evidence` explains that one alone; undefined where it is known.
unknown(name) := "tags" if not _known

else := path if {
	not input.tags[name]
	path := concat(".", ["tags", name])
	input.evidence[path]
}

_known if is_object(input.tags)
