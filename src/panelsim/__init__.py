"""panelsim: a simulated panel of B2B buyers, with the noise shown beside the signal."""

__version__ = "0.1.0"
