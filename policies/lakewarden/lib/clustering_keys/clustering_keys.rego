# METADATA
# title: Clustering keys
# description: >-
#   Reads the clustering keys from the property `clusteringColumns`, which holds JSON, or, where
#   there is no such property, from the dotted names in the table's detail.
# schemas:
#   - input: schema.table
package lakewarden.lib.clustering_keys

import data.lakewarden.lib.names
import data.lakewarden.lib.property

# METADATA
# description: The keys, each a list of name parts; none where they cannot be read.
columns := _claimed if _readable

else := []

# METADATA
# description: What should list the keys and cannot be read, as `place` and `text`.
unreadable := {"place": "property clusteringColumns", "text": text} if {
	text := input.properties.clusteringColumns
	is_string(text)
	not _readable
}

else := {"place": "list of clustering columns in the detail", "text": text} if {
	is_array(input.detail.clustering_columns)
	text := concat(", ", input.detail.clustering_columns)
	not _readable
}

# METADATA
# description: >-
#   The evidence that is lacking to tell the keys; none where the detail gives them all the same.
lacking contains evidence if {
	not _described
	evidence := property.unknown("clusteringColumns")
}

# METADATA
# description: Holds if the keys are known, even if there are none or they are unreadable.
known if count(lacking) == 0

# assumes keys-are-lists-of-name-parts
_claimed := json.unmarshal(input.properties.clusteringColumns) if {
	is_string(input.properties.clusteringColumns)
	json.is_valid(input.properties.clusteringColumns)
}

_claimed := [names.parts(name) | some name in input.detail.clustering_columns] if {
	not input.properties.clusteringColumns
}

_described if {
	is_array(input.detail.clustering_columns)
	_readable
}

_readable if {
	is_array(_claimed)
	every key in _claimed {
		is_array(key)
		count(key) > 0
		every part in key {
			is_string(part)
		}
	}
}
