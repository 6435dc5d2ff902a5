"""What every floor above may use: errors, ids, sealing, outgoing HTTP."""
