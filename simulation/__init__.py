"""``make try``: a settings file is deployed by real Terraform to the stand-in for Azure."""
