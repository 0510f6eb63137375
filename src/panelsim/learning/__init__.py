"""Learning from won and lost deals which criteria an ICP should ask, and whether they hold."""
