"""botocore's own descriptions of AWS, read once per process and shared by all sessions."""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader, create_loader


@cache
def data_loader() -> Loader:
    """Loader of service models and endpoints, without the user's own data path."""
    loader: Loader = create_loader()
    return loader
