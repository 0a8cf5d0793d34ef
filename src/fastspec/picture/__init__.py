"""Picture files <-> pixels."""
