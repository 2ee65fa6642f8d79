"""The `teleconsult` command, which starts the rooms."""
