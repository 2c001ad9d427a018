"""What a report's fixes make as SQL, for a person to review and run."""
