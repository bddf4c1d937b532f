"""How many threads work on a message."""

from __future__ import annotations

from threadpoolctl import ThreadpoolController

from models import cores


def _threads() -> list[int]:
    return [each["num_threads"] for each in ThreadpoolController().select(user_api="blas").info()]


def test_products_are_kept_to_one_thread_until_the_last_asker_leaves() -> None:
    usual = _threads()
    assert usual
    first, second = cores.small_products(), cores.small_products()
    first.__enter__()
    second.__enter__()
    assert _threads() == [1] * len(usual)
    first.__exit__(None, None, None)
    assert _threads() == [1] * len(usual)
    second.__exit__(None, None, None)
    assert _threads() == usual
