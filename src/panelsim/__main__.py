"""`python -m panelsim` is the command line."""

from panelsim.cli.main import main

if __name__ == "__main__":
    main()
