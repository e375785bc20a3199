"""Where a lab lives: the simulated cloud, with its gate, its HTTP doors and its terminals."""
