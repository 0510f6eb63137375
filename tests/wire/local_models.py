"""Models of the catalogue for the tests that run one, fetched on first use in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_dir

from panelsim.providers.model_files import is_pulled

CACHE = Path(os.environ.get("PANELSIM_TEST_MODELS") or user_cache_dir("panelsim"))
"""Read before any test has a home of its own."""
PULL = (
    "import sys, pathlib, panelsim.providers.model_files as f; f.pull(sys.argv[1], pathlib.Path(sys.argv[2]))"
)


def cache_with(name: str) -> Path:
    """The cache folder, with the model `name` in it."""
    if not is_pulled(name, CACHE):
        subprocess.run([sys.executable, "-c", PULL, name, str(CACHE)], check=True, timeout=600)
    return CACHE
