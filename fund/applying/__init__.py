"""What happens to an application, from the first draft to the return visit."""
