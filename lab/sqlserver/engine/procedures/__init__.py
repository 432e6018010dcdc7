"""The procedures that clients call behind their metadata functions."""
