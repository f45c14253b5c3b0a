import asyncio

from bot.tasks import put_down


async def test_a_task_is_ended_even_if_it_loses_a_cancellation() -> None:
    lost: list[bool] = []

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(True)

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)

    await put_down(task, again_after_s=0.01)

    assert task.cancelled()
    assert lost


async def test_what_has_ended_is_left_alone() -> None:
    async def failing() -> None:
        raise ValueError("told by whoever asks for the result")

    task = asyncio.create_task(failing())
    await asyncio.wait([task])

    await put_down(task, None)

    assert isinstance(task.exception(), ValueError)
