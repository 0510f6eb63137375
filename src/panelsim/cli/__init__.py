"""The command line: reads what is typed, calls the service, shows what comes back."""
