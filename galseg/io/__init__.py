"""File formats of finished records; computes nothing."""
