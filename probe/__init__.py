"""The probe: holds real consultations with itself, and says how they went."""
