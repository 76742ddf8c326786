import { EventEmitter, on } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An address that a browser was sent to. */
export interface RedirectedAddress {
  readonly url: URL;
  /** Shows a text in the browser that is there. */
  answer(text: string): void;
}

/** A port of this machine that the browser is sent to after a consent or sign-in: RFC 8252, section 7.3. */
export class LoopbackRedirect {
  readonly #found = new EventEmitter();

  private constructor(
    private readonly server: Server,
    readonly uri: string,
  ) {
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "/", uri);
      const answer = (text: string, status = 200) => {
        response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
        response.end(`${text}\n`);
      };
      // Browsers ask for an icon, too.
      if (request.method !== "GET" || url.pathname !== "/" || !url.searchParams.has("state")) answer("Not found.", 404);
      else this.#found.emit("address", { url, answer } satisfies RedirectedAddress);
    });
  }

  static async listen(): Promise<LoopbackRedirect> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new LoopbackRedirect(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Addresses that browsers here are sent to, and those that are pasted, until the signal aborts. */
  async *addresses(pasted: AsyncIterable<URL>, signal: AbortSignal): AsyncGenerator<RedirectedAddress> {
    const found = on(this.#found, "address", { signal });
    const pasting = (async () => {
      for await (const url of pasted)
        this.#found.emit("address", { url, answer: () => {} } satisfies RedirectedAddress);
    })();
    pasting.catch(() => {}); // Standard input is closed: the browser remains.
    try {
      for await (const [address] of found) yield address as RedirectedAddress;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  close(): void {
    this.server.close();
  }
}
