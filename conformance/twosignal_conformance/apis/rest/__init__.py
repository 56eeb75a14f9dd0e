"""The 2Signal REST API: its checks, its model, and what the engine has to know of it."""
