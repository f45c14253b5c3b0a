import json
from dataclasses import replace

from bot.desk.desk import Letter, Queue, Sight
from bot.desk.sheet import as_json, as_text
from bot.updates.backlog import Backlog

HELD = Queue("1", 2, 75.0, 17, "host-9-ab", 0.4, 1)
ABANDONED = Queue("-1001:7", 1, 7300.0, None, "host-9-cd", 65.0, 3)
UNHELD = Queue("2", 1, 0.2, 18, "", 0.0, 0)
PRESS = Letter("1000-0", "", "KeyError: 'x'\n  in a line", '{"update_id":5}')
LONG = Letter("1700000000000-1", "1", "x" * 100, '{"nothing":0}')


def sight(*queues: Queue, letters: tuple[Letter, ...] = (), more: int = 0) -> Sight:
    claimed = sum(1 for queue in queues if queue.holder)
    updates = sum(queue.updates for queue in queues)
    return Sight(
        Backlog(updates, len(letters) + more, len(queues) + more - claimed, claimed, 0, 0), queues, letters
    )


def test_an_empty_inbox_is_told_in_two_lines() -> None:
    assert as_text(sight()) == "Nothing waits.\n\nNo dead letters."


def test_columns_stand_below_each_other() -> None:
    assert as_text(sight(HELD, ABANDONED, UNHELD)).splitlines()[:6] == [
        "Waiting: 4 updates, 3 conversations, 2 of them in the hands of workers.",
        "",
        "CONVERSATION  UPDATES  AGE    OLDEST UPDATE  HELD BY",
        "1             2        1 min  17             host-9-ab",
        "-1001:7       1        2 h                   host-9-cd, silent for 1 min, attempt 3",
        "2             1        0 s    18             nobody",
    ]


def test_how_to_go_on_without_an_update_is_told_where_one_was_attempted_often() -> None:
    assert "inbox bury" not in as_text(sight(HELD, ABANDONED, UNHELD))
    assert "inbox bury" in as_text(sight(HELD, replace(ABANDONED, deliveries=5)))


def test_a_dead_letter_is_one_line_however_long_its_reason() -> None:
    lines = as_text(sight(letters=(PRESS, LONG))).splitlines()

    assert lines[2].startswith("Dead letters: 2. ")
    assert lines[5].endswith("5       KeyError: 'x' in a line")
    assert "1970-01-01 00:00:01" in lines[5]
    assert "(press)" in lines[5]
    assert lines[6].endswith("x" * 79 + "…")


def test_what_is_left_out_is_counted() -> None:
    text = as_text(sight(UNHELD, letters=(PRESS,), more=7))

    assert text.count("… and 7 more") == 2


def test_presses_that_wait_need_no_table() -> None:
    text = as_text(Sight(Backlog(2, 0, 0, 0, 0, 0), (), ()))

    assert text.splitlines()[0] == "Waiting: 2 updates, 0 conversations, 0 of them in the hands of workers."
    assert "CONVERSATION" not in text


def test_machines_read_the_same() -> None:
    document = json.loads(as_json(sight(HELD, UNHELD, letters=(PRESS,))))

    assert (document["updates"], document["conversations"], document["dead_letters"]) == (3, 2, 1)
    assert document["waiting"] == [
        {
            "conversation": "1",
            "updates": 2,
            "age_s": 75.0,
            "update_id": 17,
            "holder": "host-9-ab",
            "silent_s": 0.4,
            "deliveries": 1,
        },
        {
            "conversation": "2",
            "updates": 1,
            "age_s": 0.2,
            "update_id": 18,
            "holder": None,
            "silent_s": None,
            "deliveries": 0,
        },
    ]
    assert document["dead"] == [
        {
            "id": "1000-0",
            "died_at": 1.0,
            "conversation": "",
            "update_id": 5,
            "why": "KeyError: 'x'\n  in a line",
        }
    ]
