"""The two ends without a screen: patient and doctor on aiortc, for tests, load and probe."""
