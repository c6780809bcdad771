"""The pages: a door like the others. It shows what selectors say and calls the actions that the API calls."""
