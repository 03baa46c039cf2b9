"""What runs in the subject's interpreter: standard library only, Python 3.8 syntax."""
