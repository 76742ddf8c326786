/**
 * An event of a text/event-stream. Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export interface ServerSentEvent {
  readonly name: string;
  /** The position that a reconnecting client sends; absent if the event must not change it. */
  readonly id?: string;
  /** JSON in one line: a line break would begin another field. */
  readonly data: string;
}

export const eventText = ({ name, id, data }: ServerSentEvent): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;

/** Keeps a connection open through proxies; clients ignore it. */
export const KEEP_ALIVE = ": keep-alive\n\n";

/** How long clients wait before they reconnect. */
export const retryText = (milliseconds: number): string => `retry: ${milliseconds}\n\n`;
