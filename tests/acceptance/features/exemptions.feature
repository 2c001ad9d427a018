Feature: Exemptions from clustering
  Not every table has to be clustered, and each that need not be says why.

  @manual-exclusion @requirement:CL-04
  @policy:clustering.strategy_required @policy:clustering.exclusion_justified
  @setting:honor_exclusion_flag @setting:exclusion_property @setting:exclusion_review_bytes
  @setting:exclusion_approval_tag
  Rule: Owners may exclude a table from clustering
    A table whose owner set the exclusion property need not be clustered where the settings honour it;
    of a very large one somebody else has agreed to that.

  @small-tables-auto-exemption @requirement:CL-05
  @policy:clustering.strategy_required
  @setting:size_threshold_bytes @setting:test_size_threshold_bytes @setting:test_schemas
  @setting:exempt_small_tables @setting:inexact_size_guard @setting:max_size_age_days
  Rule: Tables under 1 GB can be automatically exempted
    A table below the size threshold (1 GiB, or 1 MiB in a schema for tests) need not be clustered. A
    table at the threshold is not small, and neither is one of unknown size.
