"""`python -m deepglass` is the command line."""

from deepglass.cli import main

if __name__ == "__main__":
    main()
