Feature: The estate as a whole
  Nobody has to believe a report that leaves tables out.

  @comprehensive-compliance @requirement:CL-11
  @policy:*
  Rule: Every table is decided by every policy, or named with the reason why not
    The decisions add up to tables times policies, each carries its proof, what could not be read or
    decided is named, and the figures of the report agree with each other.

    Scenario: Every policy decides about every table that was read
      Given the tables that were evaluated
      Then every policy has decided about each of them, by one of six outcomes

    Scenario: Every exemption is explained
      Given the tables that were evaluated
      Then each exemption says who or what grants it, and why

    Scenario: Every decision carries its proof
      Given the tables that were evaluated
      Then each decision carries its proof, and what is unknown names what is missing

    Scenario: Nothing that was found is left out
      Given the tables that were evaluated
      Then everything that was found is in the report, or named with the reason why not

    Scenario: The figures add up
      Given the tables that were evaluated
      Then the figures of the report agree with each other

    Scenario: A second opinion agrees
      Given the tables that were evaluated
      Then a second opinion comes to the same outcome and the same kinds of proof

    Scenario: The whole estate could be judged
      Given the tables that were evaluated
      Then all of it could be read, and every table judged
