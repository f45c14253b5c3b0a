// The way to the server: requests as JSON, news by Server-Sent Events.

// Send `body` to one of the page's addresses; resolves with the answer, rejects with what went wrong.
export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answerOf(response);
}

// Ask one of the page's addresses; `query` holds its parameters.
export async function get(path, query) {
  return answerOf(await fetch(`${path}?${new URLSearchParams(query)}`));
}

async function answerOf(response) {
  if (!response.ok) throw new Error((await response.text()) || response.statusText);
  return response.json();
}

// Listen to the news for as long as the page is open. The first news of every connection is the whole state, so
// whatever was missed while the connection was lost does not matter.
export function listen(onNews, onConnection) {
  const source = new EventSource("events");
  source.addEventListener("message", (event) => onNews(JSON.parse(event.data)));
  source.addEventListener("open", () => onConnection(true));
  source.addEventListener("error", () => {
    onConnection(false);
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen(onNews, onConnection), 2000);
  });
}
