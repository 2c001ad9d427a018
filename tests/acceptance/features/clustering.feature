Feature: Clustering
  Large tables are laid out so that queries read only what they ask for.

  @explicit-clustering @requirement:CL-01
  @policy:clustering.strategy_required @policy:clustering.keys_exist
  @setting:size_threshold_bytes
  Rule: Tables may be clustered by keys that their owners name
    A large table that names clustering keys has what is asked of it, provided that the keys are
    columns of the table.

    Scenario: A table that is clustered by keys has what is asked of it
      Given the tables that are clustered by keys
      Then nothing more is asked of any of them, whatever its size

    Scenario: Keys that aren't columns are reported
      Given the tables that name clustering keys, well or badly
      Then those with a key that isn't a column, or with keys that nobody can read, are reported

    Scenario: Nothing is missing to judge clustering keys
      Given the tables that are clustered by keys, or may be
      Then nothing is missing that this rule has to know of them

  @automatic-clustering @requirement:CL-02
  @policy:clustering.strategy_required @policy:clustering.auto_possible
  @setting:size_threshold_bytes
  Rule: Tables may leave the choice of their keys to Databricks
    A large table with CLUSTER BY AUTO has what is asked of it where Databricks may choose keys, or where
    it has some; it is advised against where Databricks chooses none.

    Scenario: A table that leaves its keys to Databricks has what is asked of it
      Given the tables that leave their keys to Databricks
      And those of them that have keys, or may get some
      Then nothing more is asked of any of them, whatever its size

    Scenario: Leaving the keys to Databricks is advised against where it chooses none
      Given the tables that leave their keys to Databricks
      Then those for which it chooses none are reported, and no others

    Scenario: Nothing is missing to judge automatic clustering
      Given the tables that leave their keys to Databricks, or may do so
      Then nothing is missing that this rule has to know of them

  @auto-optimization @requirement:CL-03
  @policy:clustering.strategy_required @policy:clustering.auto_optimize_complete
  @setting:accept_auto_optimize @setting:require_both_auto_optimize_flags
  Rule: Tables may be auto-optimised instead of clustered
    Auto-optimise counts as a strategy where the settings accept it, and as a whole where they ask for
    both of its flags.

    Scenario: Auto-optimise counts where the settings accept it
      Given the tables that are auto-optimised, in whole or by half
      And those of them that are not clustered as well
      Then it counts for those for which the settings accept it, and for no others

    Scenario: Half of auto-optimise is reported
      Given the tables that are auto-optimised, in whole or by half
      Then those that have only half of it are reported, and no others

    Scenario: Nothing is missing to judge auto-optimise
      Given the tables that are auto-optimised, or may be
      Then nothing is missing that this rule has to know of them

  @conflicting-settings @requirement:CL-06
  @policy:clustering.no_exclusion_conflict @policy:clustering.single_strategy
  @setting:exclusion_property @setting:accept_auto_optimize
  @setting:require_both_auto_optimize_flags
  Rule: The settings of a table do not contradict each other
    A table is not both excluded from clustering and clustered, and has one strategy, not two.

    Scenario: A table that is excluded and clustered at once is reported
      Given the tables that their owners excluded from clustering
      Then those that are clustered all the same are reported, and no others

    Scenario: A table with two strategies is reported
      Given the tables that have a clustering strategy
      Then those that have two strategies are reported, and no others

    Scenario: Nothing is missing to judge contradictions
      Given the tables that can be clustered
      Then nothing is missing that this rule has to know of them

  @clustering-standards @requirement:CL-07
  @policy:clustering.keys_follow_standard @policy:clustering.key_limit
  @setting:allowed_key_patterns @setting:forbidden_key_patterns @setting:required_leading_keys
  @setting:max_clustering_columns
  Rule: Clustering keys follow the organisation's standard
    Keys have the names that the organisation allows, the right one comes first, and there are no more
    of them than agreed.

    Scenario: Keys that break the standard are reported
      Given the tables with keys for which there is a standard
      Then those whose keys break it are reported, and no others

    Scenario: More keys than agreed are reported
      Given the tables that are clustered by keys
      Then those with more keys than agreed are reported, and no others

    Scenario: Nothing is missing to judge the standard
      Given the tables that are clustered by keys, or may be
      Then nothing is missing that this rule has to know of them

  @clustering-column-selection @requirement:CL-09
  @policy:clustering.keys_exist @policy:clustering.keys_have_statistics
  @policy:clustering.key_limit
  @setting:max_clustering_columns
  Rule: Clustering keys are columns that can cluster
    Each key is a column of the table, of a type that can be clustered by, of which the files have
    statistics; a key without them arranges files that no query can skip.

    Scenario: A key that no query can skip files by is reported
      Given the tables that are clustered by keys
      Then those with a key of which the files have no statistics are reported, and no others

    Scenario: A key that isn't a column of its table is reported
      Given the tables that are clustered by keys
      Then those with a key that isn't a column, or with keys that nobody can read, are reported

    Scenario: Nothing is missing to judge the choice of columns
      Given the tables that are clustered by keys, or may be
      Then nothing is missing that this rule has to know of them
