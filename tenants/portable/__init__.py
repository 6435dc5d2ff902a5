"""The ledger of a workspace as files that anybody can verify."""
