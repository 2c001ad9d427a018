Feature: Large tables
  What is large, or read often, costs most where it is not clustered.

  @large-tables-must-cluster @requirement:CL-08
  @policy:clustering.strategy_required @policy:clustering.partitioned_table
  @setting:size_threshold_bytes @setting:partition_min_bytes
  Rule: Large tables must be clustered
    A table of 1 GiB and more has a clustering strategy, or a reason on record why not; partitions
    are for the very largest tables only.

  @frequently-accessed-tables @requirement:CL-10
  @policy:clustering.frequently_read
  @setting:require_liquid_for_frequent_reads @setting:frequent_reads @setting:frequent_min_bytes
  Rule: Tables that are read often have liquid clustering
    Where the settings ask for it, a large table that is read often is clustered by keys, its own or
    chosen by Databricks; auto-optimise is not enough for it.
