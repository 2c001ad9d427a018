"""The conventions of policies, as programs; docs/policy-contract.md says what they are for."""

from typing import Final

from lakewarden.kit.conventions import (
    annotations,
    evidence,
    examples,
    messages,
    names,
    negation,
    placement,
    sets,
    settings,
    tests,
    usage,
    what_if,
    wording,
)
from lakewarden.kit.conventions.interface import Convention, Policies

__all__ = ["CONVENTIONS", "Convention", "Policies"]

CONVENTIONS: Final = (
    Convention(check=placement.package_is_the_path),
    Convention(check=placement.folder_holds_the_policy_and_its_test),
    Convention(check=placement.domain_holds_policies_and_its_settings),
    Convention(check=placement.no_package_is_inside_another),
    Convention(check=annotations.annotation_is_complete),
    Convention(check=annotations.package_is_described_once),
    Convention(check=annotations.what_is_read_is_typed),
    Convention(check=settings.settings_are_read_by_name, compiled=True),
    Convention(check=settings.every_setting_is_read, compiled=True),
    Convention(check=examples.examples_are_documents),
    Convention(check=examples.examples_fail_and_pass, compiled=True),
    Convention(check=what_if.what_if_can_be_tried),
    Convention(check=what_if.what_if_only_exempts, compiled=True),
    Convention(check=evidence.lacking_evidence_decides_nothing, compiled=True),
    Convention(check=evidence.what_may_be_absent_is_needed, compiled=True),
    Convention(check=evidence.null_is_like_absent, compiled=True),
    Convention(check=sets.public_rules_are_the_five_sets),
    Convention(check=sets.pass_and_deny_exist),
    Convention(check=sets.policies_are_read_by_the_router_alone),
    Convention(check=sets.only_what_is_there_is_read),
    Convention(check=sets.router_is_the_only_entrypoint),
    Convention(check=names.needs_names_evidence, compiled=True),
    Convention(check=names.named_policy_is_there),
    Convention(check=tests.every_set_is_tested),
    Convention(check=tests.absent_and_null_evidence_is_tested, compiled=True),
    Convention(check=tests.tests_notice_an_empty_set, compiled=True),
    Convention(check=tests.tests_are_run),
    Convention(check=messages.deny_says_what_was_expected_and_what_is),
    Convention(check=messages.violation_says_it_all, compiled=True),
    Convention(check=messages.texts_are_well_formed, compiled=True),
    Convention(check=messages.message_is_about_the_table),
    Convention(check=messages.message_names_the_table, compiled=True),
    Convention(check=negation.only_plain_references_are_negated),
    Convention(check=negation.nothing_is_compared_with_null),
    Convention(check=usage.no_dead_rule),
    Convention(check=usage.no_unused_import),
    Convention(check=usage.no_unused_argument),
    Convention(check=usage.nothing_is_shadowed),
    Convention(check=wording.nothing_is_left_to_write),
    Convention(check=wording.no_impure_built_in),
    Convention(check=wording.no_print_is_left),
    Convention(check=wording.rego_names_no_api_call),
    Convention(check=wording.policy_does_not_name_itself),
)
"""In the order in which their findings are shown: names and words first, then what is decided."""
