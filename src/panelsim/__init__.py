"""panelsim: a simulated panel of B2B buyers, with the noise shown beside the signal."""
