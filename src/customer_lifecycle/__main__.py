"""The command `lifecycle`, as `python -m customer_lifecycle`."""

import sys

from customer_lifecycle.cli import main

sys.exit(main())
