"""A pytest plugin for the AWS lab "VPC Endpoints": provision it, assert it, explain it."""
