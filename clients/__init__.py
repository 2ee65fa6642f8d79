"""The two ends of a consultation: pages in `web`, headless in `peer`."""
