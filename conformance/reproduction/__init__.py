"""From a violation to a script that shows it without this tool."""
