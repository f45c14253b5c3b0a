"""A process that posts as Telegram does, one update after another, and prints how long each 200 took, in ms.

It does nothing else, because whoever also plays the model and the chats would measure how busy that keeps it.
"""

import http.client
import json
import sys
import time
from urllib.parse import urlsplit


def main(url: str, secret: str, first_id: int, posts: int, pause_s: float) -> None:
    """Post changes of messages that nobody answers any more, each by another person."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    took_ms, statuses = [], set()
    for number in range(first_id, first_id + posts):
        body = json.dumps({"update_id": number, "edited_message": _message(number)})
        began_at = time.perf_counter()
        connection.request("POST", address.path, body, headers)
        response = connection.getresponse()
        response.read()
        took_ms.append(1000 * (time.perf_counter() - began_at))
        statuses.add(response.status)
        time.sleep(pause_s)
    print(json.dumps({"took_ms": took_ms, "statuses": sorted(statuses)}))


def _message(person_id: int) -> dict[str, object]:
    person = {"id": person_id, "is_bot": False, "first_name": "N", "language_code": "en"}
    chat = {"id": person_id, "type": "private", "first_name": "N"}
    return {"message_id": 1, "chat": chat, "from": person, "text": "x", "date": 1, "edit_date": 2}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
