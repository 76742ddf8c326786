import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** A request that a provider received. */
export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON or form of a POST. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Its whole answer was handed to the connection: a provider charges for it. */
  answered: boolean;
}

type Answer = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** A local provider of speech that records its requests. */
export interface ProviderServer {
  readonly url: string;
  /** Requests to speak, in the order of their arrival. */
  readonly spoken: ReceivedRequest[];
  /** Other requests. */
  readonly listed: ReceivedRequest[];
  /** The most requests to speak that were open at the same time. */
  mostAtOnce: number;
  /** Answers to the next requests to speak, in this order, instead of speech. */
  readonly next: Answer[];
  /** How long speech takes. */
  delayMs: number;
  close(): Promise<void>;
}

/** Starts a provider: `list` answers GET, `speak` POST. */
export async function startProviderServer(list: Answer, speak: Answer): Promise<ProviderServer> {
  let open = 0;
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url: path = "", headers } = incoming;
    const body = method === "POST" ? await bodyOf(incoming) : {};
    const request: ReceivedRequest = { method, path, headers, body, answered: false };
    if (method !== "POST") {
      started.listed.push(request);
      return list(request, response);
    }
    started.spoken.push(request);
    started.mostAtOnce = Math.max(started.mostAtOnce, ++open);
    response.once("close", () => {
      open--;
    });
    const [special] = started.next.splice(0, 1);
    if (special) return special(request, response);
    if (started.delayMs > 0) await sleep(started.delayMs);
    response.once("finish", () => {
      request.answered = true;
    });
    return speak(request, response);
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const started: ProviderServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spoken: [], listed: [], mostAtOnce: 0, next: [], delayMs: 0 },
    async close() {
      // In this order: a connection that comes in between would keep the server open.
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return started;
}

async function bodyOf(incoming: IncomingMessage): Promise<ReceivedRequest["body"]> {
  const type = incoming.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/")) return (await json(incoming)) as ReceivedRequest["body"];
  const form = new Response(await buffer(incoming), { headers: { "content-type": type } });
  return Object.fromEntries(await form.formData());
}

export const sendJson = (response: ServerResponse, status: number, body: unknown, headers: object = {}): void =>
  void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
