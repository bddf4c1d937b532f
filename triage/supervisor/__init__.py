"""`penjaga up`: broker, web, worker and clock as one tree of processes in the foreground."""
