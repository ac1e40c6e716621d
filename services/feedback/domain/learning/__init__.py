"""When and from what the classifier learns again, and whether what it learned holds. Pure."""
