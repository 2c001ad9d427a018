"""What the module's code and pages say, where there is no Terraform to ask."""

from __future__ import annotations

import re

from tests.integration.deploy.deployments import MODULE, documented


def test_the_code_grants_on_system_tables_what_the_page_does() -> None:
    written = {
        (on.upper(), name, privilege.replace("_", " "))
        for on, name, privileges in re.findall(
            r'on = "(\w+)", name = "(system[\w.]*)", privileges = \[([^]]*)\]',
            (MODULE / "grants.tf").read_text(),
        )
        for privilege in re.findall(r'"(\w+)"', privileges)
    }
    sections = "Sizes in one statement", "How often tables are read", "Tags"
    assert written == set[tuple[str, str, str]]().union(*map(documented, sections))


def test_the_readme_has_each_variable_and_output() -> None:
    page = (MODULE / "README.md").read_text()
    rows = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    variables = re.findall(
        r'^variable "(\w+)"', (MODULE / "variables.tf").read_text(), re.MULTILINE
    )
    assert sorted(re.findall(r"`(\w+)`", rows)) == sorted(variables)
    outputs = re.findall(r'^output "(\w+)"', (MODULE / "outputs.tf").read_text(), re.MULTILINE)
    named = re.findall(r"`(\w+)`", page.partition("Outputs: ")[2].partition("\n\n")[0])
    assert sorted(named) == sorted(outputs)
