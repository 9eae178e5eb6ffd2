"""Stands in for torch where there is no GPU: its cache can be cleared, and that is counted."""


class OutOfMemoryError(RuntimeError):
    pass


class cuda:
    OutOfMemoryError = OutOfMemoryError
    emptied = 0

    @classmethod
    def empty_cache(cls):
        cls.emptied += 1
