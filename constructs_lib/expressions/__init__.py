"""Terraform's expressions, read: the value of one that is stated, or its text where it is not."""
