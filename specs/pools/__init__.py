"""Pool, ThreadPool, and results of tasks."""
