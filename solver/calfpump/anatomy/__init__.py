"""The leg: vessels, valves, muscles, compartments and section descriptions; every number with its source."""
