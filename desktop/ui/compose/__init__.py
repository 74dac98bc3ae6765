"""What helps with writing a prompt: kept texts, models to be named, personas."""
