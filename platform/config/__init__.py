"""The top floor: wires the parts together and decides nothing."""
