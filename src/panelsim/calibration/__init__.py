"""Calibration: what past A/B results say of texts and panels, checked on tests that no fit has seen."""
