Feature: Exemptions from clustering
  Not every table has to be clustered, and each that need not be says why.

  @manual-exclusion @requirement:CL-04
  @policy:clustering.strategy_required @policy:clustering.exclusion_justified
  @setting:honor_exclusion_flag @setting:exclusion_property @setting:exclusion_review_bytes
  @setting:exclusion_approval_tag
  Rule: Owners may exclude a table from clustering
    A table whose owner set the exclusion property need not be clustered where the settings honour it;
    of a very large one somebody else has agreed to that.

    Scenario: An honoured exclusion never fails
      Given the unclustered tables whose exclusion is honoured
      Then each of them is exempt, with the exclusion on record as the reason

    Scenario: Where no exclusion is honoured, none exempts
      Given the unclustered tables whose exclusion is honoured
      When the settings honour no exclusion
      Then none of them is exempt because of it

    Scenario: Somebody else agrees to the exclusion of a very large table
      Given the unclustered tables whose exclusion is honoured
      Then those so large that somebody else has to agree have that on record, or are reported

    Scenario: Nothing is missing to judge exclusions
      Given the tables that their owners excluded, or may have
      Then nothing is missing that this rule has to know of them

  @small-tables-auto-exemption @requirement:CL-05
  @policy:clustering.strategy_required
  @setting:size_threshold_bytes @setting:test_size_threshold_bytes @setting:test_schemas
  @setting:exempt_small_tables @setting:inexact_size_guard @setting:max_size_age_days
  @setting:planned_tables_count_as
  Rule: Tables under 1 GB can be automatically exempted
    A table below the size threshold (1 GiB, or 1 MiB in a schema for tests) need not be clustered. A
    table at the threshold is not small, and neither is one of unknown size. What a planned table
    counts as is a setting, and by default it isn't small either.

    Scenario: Every table that is exempt as small is under its threshold
      Given the tables that are exempt as small
      Then each of them holds less than the threshold that the settings have for it

    Scenario: A table under its threshold need not be clustered
      Given the unclustered tables under their threshold
      Then each of them is exempt as small

    Scenario: A table that reaches the threshold is not small
      Given the largest table that is exempt as small
      When the threshold is set to exactly its size
      Then it is exempt as small no longer, and nothing else that large is
      But every smaller one still is

    Scenario: Tables for tests have a threshold of their own
      Given the unclustered tables in schemas for tests
      Then those under the threshold for tests are exempt as small, and no others

    Scenario: An excluded table is exempt before its size is looked at
      Given the unclustered tables whose exclusion is honoured
      When nobody knows the size of any table
      Then each of them is exempt because of its exclusion all the same

    Scenario: Without the exemption small tables must be clustered, too
      Given the tables that are exempt as small
      When small tables are exempted no longer
      Then no table is exempt as small
      And each of them must be clustered, unless something else exempts it

    Scenario: A table of unknown size is not small
      Given the tables that are exempt as small
      When nobody knows the size of any table
      Then no table is exempt as small
      And each of them is undecided because its size is unknown, unless something else exempts it

    Scenario: The size that decides is known
      Given the unclustered tables that only their size could exempt
      Then the size of each of them is known
