"""Pool, ThreadPool, and the results of tasks."""
