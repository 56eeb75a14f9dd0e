"""How long each operation of the AppSignal API takes over a busy day; `python -m bench.appsignal --help`."""
