"""The stock of a crew: the objects that a stage makes before its actors start, since objects can only be inherited."""

STOCK = 200  # objects of one crew, at most
SPARE = 56  # descriptors that a process needs for other things than objects
FORKSERVER_LIMIT = 256  # descriptors that forkserver passes to a child


def stock_size(start_method: str) -> int:
    """How many objects a crew gets; an object has two descriptors, or fewer."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    except ImportError:  # Windows counts otherwise
        limit = 512
    limit = min(limit, FORKSERVER_LIMIT) if start_method == "forkserver" else limit
    return max(1, min(STOCK, (limit - SPARE) // 2)) if limit > 0 else STOCK
