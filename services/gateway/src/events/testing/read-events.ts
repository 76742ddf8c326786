/** An event as a page would get it. */
export interface ReadEvent {
  readonly name: string;
  /** The last id in the stream so far. */
  readonly lastEventId: string;
  readonly data: Record<string, unknown>;
}

/**
 * Reads a text/event-stream as browsers do, once, without reconnecting. `seen` receives comments and other fields.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(
  url: string,
  init: RequestInit = {},
  seen: (line: string) => void = () => {},
): AsyncGenerator<ReadEvent> {
  const response = await fetch(url, init);
  const type = response.headers.get("content-type");
  if (response.status !== 200 || type !== "text/event-stream" || !response.body)
    throw new Error(`${response.status} ${type} ${await response.text()}`);
  let name = "";
  let data = "";
  let lastEventId = "";
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (line === "") {
        if (data !== "") yield { name, lastEventId, data: JSON.parse(data) };
        name = data = "";
      } else if (field === "event") name = value;
      else if (field === "data") data += value;
      else if (field === "id") lastEventId = value;
      else seen(line);
    }
  }
}
