Feature: Large tables
  What is large, or read often, costs most where it is not clustered.

  @large-tables-must-cluster @requirement:CL-08
  @policy:clustering.strategy_required @policy:clustering.partitioned_table
  @setting:size_threshold_bytes @setting:partition_min_bytes
  Rule: Large tables must be clustered
    A table of 1 GiB and more has a clustering strategy, or a reason on record why not; partitions
    are for the very largest tables only.

    Scenario: A large table without clustering fails, or says why it need not be clustered
      Given the large tables without a clustering strategy
      Then each of them fails, or has the reason why not on record

    Scenario: A clustered table has what is asked of it
      Given the tables that have a clustering strategy
      Then nothing more is asked of any of them, whatever its size

    Scenario: Partitions are for the very largest tables
      Given the tables that are partitioned
      Then those that are not among the very largest, or are clustered too, are reported

    Scenario: Nothing is missing to judge large tables
      Given the tables that can be clustered
      Then nothing is missing that this rule has to know of them

  @frequently-accessed-tables @requirement:CL-10
  @policy:clustering.frequently_read
  @setting:require_liquid_for_frequent_reads @setting:frequent_reads @setting:frequent_min_bytes
  Rule: Tables that are read often have liquid clustering
    Where the settings ask for it, a large table that is read often is clustered by keys, its own or
    chosen by Databricks; auto-optimise is not enough for it.

    Scenario: A table that is read often without liquid clustering is reported where that is asked
      Given the tables that can be clustered
      When liquid clustering is asked of all that is read often
      Then those read often and without liquid clustering are reported, and no others

    Scenario: A table is not taken for one that is seldom read because nobody counted
      Given the tables that can be clustered
      When liquid clustering is asked of all that is read often
      Then those whose reads nobody counted are undecided, and say so

    Scenario: Nothing is asked of a table that is read often, unless the settings ask it
      Given the tables of which nothing is asked however often they are read
      Then none of them is reported for being read often

    Scenario: Nothing is missing to judge what is read often
      Given the tables of which something is asked if they are read often
      Then nothing is missing that this rule has to know of them
