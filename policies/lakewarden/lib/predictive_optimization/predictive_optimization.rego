# METADATA
# title: Predictive optimization
# description: >-
#   Whether Databricks maintains the table by itself. Where it does, it chooses the columns with
#   statistics and, of tables with CLUSTER BY AUTO, the clustering keys. It maintains managed tables,
#   streaming tables and materialized views only, whatever an external table has inherited.
# schemas:
#   - input: schema.table
# related_resources:
#   - ref: https://docs.databricks.com/optimizations/predictive-optimization
# custom:
#   public: true
package lakewarden.lib.predictive_optimization

# METADATA
# description: Whether it is on for the table; undefined where that is not known.
enabled := false if input.table_type == "EXTERNAL"

else := input.predictive_optimization.enabled if is_boolean(input.predictive_optimization.enabled)

# METADATA
# description: Holds if it is known whether it is on.
known if is_boolean(enabled)

# METADATA
# description: Holds if it is known to be off.
off if enabled == false
