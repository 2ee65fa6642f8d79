"""The media relay: carries ciphertext between the members of one consultation, and nothing else."""
