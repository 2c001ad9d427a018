"""Tables that Terraform plans to make, read from `terraform show -json`; no Terraform is needed.

python-hcl2 is imported when a plan is read whose `.tf` files lie beside it.
"""

from lakewarden_collector.sources.terraform.source import WAYS, TerraformSource

__all__ = ["WAYS", "TerraformSource"]
