"""What a git reference holds, read through the user's own git."""
