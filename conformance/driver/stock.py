"""The stock of a crew: the objects that a stage makes before its actors start, since objects can only be inherited."""

from conformance.forensics.limits import soft

STOCK = 200  # objects of one crew, at most
SPARE, SHARE = 56, 128  # descriptors that a process needs for other things than objects; half of a limit, up to SHARE
FORKSERVER_LIMIT = 256  # descriptors that forkserver passes to a child


def stock_size(start_method: str) -> int:
    """How many objects a crew gets; an object has two descriptors, or fewer."""
    limit = soft("NOFILE")
    most = limit - max(SPARE, min(SHARE, limit // 2))
    if start_method == "forkserver":
        most = min(most, FORKSERVER_LIMIT - SPARE)
    return max(1, int(min(STOCK, most // 2)))
