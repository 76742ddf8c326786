import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { SECRETS } from "./markers.js";

async function listen(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Serves files by path to requests with the signature; a path that begins with "moved-" redirects, with a new one. */
export async function startSignedServer(files: Readonly<Record<string, string>>) {
  const signature = `X-Amz-Signature=${SECRETS.signature}`;
  const server = await listen((request, response) => {
    const { pathname, search } = new URL(request.url ?? "", "http://x");
    const file = files[pathname];
    if (search !== `?${signature}`) response.writeHead(403).end(`${search} is no signature`);
    else if (pathname.startsWith("/moved-")) {
      response.writeHead(302, { location: `/${pathname.slice("/moved-".length)}?${signature}` }).end();
    } else if (file) createReadStream(file).pipe(response);
    else response.writeHead(404).end(`no ${pathname}?${signature}`);
  });
  return { ...server, address: (path: string) => `${server.url}${path}?${signature}` };
}

/** Receives traces over HTTP, and keeps their bytes. */
export async function startTraceServer() {
  const bodies: Buffer[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = await listen(async (request, response) => {
    headers.push(request.headers);
    bodies.push(await buffer(request));
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
  return { ...server, bodies: () => Buffer.concat(bodies), headers };
}
