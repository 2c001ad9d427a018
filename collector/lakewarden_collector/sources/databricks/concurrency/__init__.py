"""How much is asked at a time, how often again, and when to stop."""
