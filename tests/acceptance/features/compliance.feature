Feature: The estate as a whole
  Nobody has to believe a report that leaves tables out.

  @comprehensive-compliance @requirement:CL-11
  @policy:*
  Rule: Every table is decided by every policy, or named with the reason why not
    The decisions add up to tables times policies, each carries its proof, what could not be read or
    decided is named, and the figures of the report agree with each other.
