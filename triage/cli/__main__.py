"""`python -m triage.cli`: the `penjaga` command without its entry point on the path."""

from triage.cli import main

main()
