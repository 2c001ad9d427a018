"""OPA as the engine: started for a run or running already, asked over a connection."""
