"""Lets `python -m lakewarden` be the command line."""

from lakewarden.cli import main

if __name__ == "__main__":
    main()
