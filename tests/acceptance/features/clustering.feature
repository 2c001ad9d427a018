Feature: Clustering
  Large tables are laid out so that queries read only what they ask for.

  @explicit-clustering @requirement:CL-01
  @policy:clustering.strategy_required @policy:clustering.keys_exist
  @setting:size_threshold_bytes
  Rule: Tables may be clustered by keys that their owners name
    A large table that names clustering keys has what is asked of it, provided that the keys are
    columns of the table.

  @automatic-clustering @requirement:CL-02
  @policy:clustering.strategy_required @policy:clustering.auto_possible
  @setting:size_threshold_bytes
  Rule: Tables may leave the choice of their keys to Databricks
    A large table with CLUSTER BY AUTO has what is asked of it; it is advised against where Databricks
    chooses no keys.

  @auto-optimization @requirement:CL-03
  @policy:clustering.strategy_required @policy:clustering.auto_optimize_complete
  @setting:accept_auto_optimize @setting:require_both_auto_optimize_flags
  Rule: Tables may be auto-optimised instead of clustered
    Auto-optimise counts as a strategy where the settings accept it, and as a whole where they ask for
    both of its flags.

  @conflicting-settings @requirement:CL-06
  @policy:clustering.no_exclusion_conflict @policy:clustering.single_strategy
  @setting:exclusion_property @setting:accept_auto_optimize
  @setting:require_both_auto_optimize_flags
  Rule: The settings of a table do not contradict each other
    A table is not both excluded from clustering and clustered, and has one strategy, not two.

  @clustering-standards @requirement:CL-07
  @policy:clustering.keys_follow_standard @policy:clustering.key_limit
  @setting:allowed_key_patterns @setting:forbidden_key_patterns @setting:required_leading_keys
  @setting:max_clustering_columns
  Rule: Clustering keys follow the organisation's standard
    Keys have the names that the organisation allows, the right one comes first, and there are no more
    of them than agreed.

  @clustering-column-selection @requirement:CL-09
  @policy:clustering.keys_exist @policy:clustering.keys_have_statistics
  @policy:clustering.key_limit
  @setting:max_clustering_columns
  Rule: Clustering keys are columns that can cluster
    Each key is a column of the table, of a type that can be clustered by, of which the files have
    statistics; a key without them arranges files that no query can skip.
