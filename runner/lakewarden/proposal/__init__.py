"""What a proposed change of policies, settings or waivers does to the tables that there are."""
