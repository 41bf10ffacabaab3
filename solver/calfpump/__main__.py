"""``python -m calfpump``."""

import sys

from calfpump.cli import main

if __name__ == "__main__":
    sys.exit(main())
